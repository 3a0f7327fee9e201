import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild'
import { type BuildOptions, build } from 'esbuild'
import { addToBillOfMaterials, BILL_OF_MATERIALS } from './bill-of-materials.ts'
import { carryNativePackages } from './native-packages.ts'

/** The esbuild options of the servers. The benchmark bundles its competitors with the same ones. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay readable in stack traces; removing whitespace saves most of the size.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: false,
  legalComments: 'none',
  // Some dependencies are CommonJS and call `require` for Node's modules. Our sources import `createRequire` by name.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
} as const satisfies BuildOptions

/**
 * Bundles the `src/main.ts` of the app in `directory` for `node dist/main.js`, with the list of its packages beside it.
 *
 * - `external`: packages with native code, which are copied to `dist/node_modules`.
 * - `assets`: folders to copy, from a path in the app to a name in `dist`.
 * - `workers`: entry points of worker threads, by the name of their file in `dist` without `.js`.
 * - `isCommand`: makes `main.js` executable from a shell.
 */
export async function bundleServer(
  directory: string,
  {
    external = [],
    assets = {},
    workers = {},
    isCommand = false,
    dist = join(directory, 'dist'),
  }: {
    external?: string[]
    assets?: Record<string, string>
    workers?: Record<string, string>
    isCommand?: boolean
    dist?: string
  } = {},
): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  await build({
    ...bundleOptions,
    absWorkingDir: directory,
    entryPoints: { server: 'src/main.ts', ...workers },
    // Modules that are imported on demand get files of their own and are parsed when loaded.
    splitting: true,
    outdir: dist,
    external,
    plugins: [
      cyclonedxEsbuildPlugin({
        specVersion: '1.6',
        outputFile: BILL_OF_MATERIALS,
        outputReproducible: true,
        logLevel: 'error',
      }),
    ],
  })
  const main = join(dist, 'main.js')
  await (isCommand ? writeFile(main, `#!/usr/bin/env node\n${MAIN}`, { mode: 0o755 }) : writeFile(main, MAIN))
  for (const [from, to] of Object.entries(assets)) {
    await cp(join(directory, from), join(dist, to), { recursive: true })
  }
  await addToBillOfMaterials(dist, await carryNativePackages(directory, dist, external))
}

/**
 * Compiling takes a third of startup, so V8's code cache is stored beside the bundle. It is not stored in Node's shared
 * temporary folder, because it is trusted like the code. On a read-only file system nothing is stored.
 */
const MAIN = `import { enableCompileCache } from 'node:module'
enableCompileCache(import.meta.dirname + '/compile-cache')
await import('./server.js')
`
