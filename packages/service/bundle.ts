import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { carryNativePackages } from './native-packages.ts'

/** How our servers are bundled; the benchmark bundles what it compares them with in the same way. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay readable in stack traces; whitespace is most of what there is to save.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: false,
  legalComments: 'none',
  // Some dependencies are CommonJS and call `require` for what Node has. Sources of ours import `createRequire` by name.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
} as const satisfies BuildOptions

/**
 * Bundles the `src/main.ts` of the app in `directory` for `node dist/main.js`. `external` are packages with native code,
 * which stay packages, in `dist/node_modules`; `assets` are folders to copy, from a path in the app to a name in `dist`.
 * `workers` are the entry points of worker threads, by the name of their file in `dist` without `.js`. `keepNames` is for code that
 * asks a class for its name, which bundling may change: it costs a call for each function at each start. `isCommand` makes
 * `main.js` a program that a shell can run.
 */
export async function bundleServer(
  directory: string,
  {
    external = [],
    assets = {},
    workers = {},
    keepNames = false,
    isCommand = false,
    dist = join(directory, 'dist'),
  }: {
    external?: string[]
    assets?: Record<string, string>
    workers?: Record<string, string>
    keepNames?: boolean
    isCommand?: boolean
    dist?: string
  } = {},
): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  await build({
    ...bundleOptions,
    absWorkingDir: directory,
    entryPoints: { server: 'src/main.ts', ...workers },
    // What is imported on demand stands in a file of its own, and is parsed then.
    splitting: true,
    outdir: dist,
    external,
    keepNames,
  })
  const main = join(dist, 'main.js')
  await (isCommand ? writeFile(main, `#!/usr/bin/env node\n${MAIN}`, { mode: 0o755 }) : writeFile(main, MAIN))
  for (const [from, to] of Object.entries(assets)) {
    await cp(join(directory, from), join(dist, to), { recursive: true })
  }
  await carryNativePackages(directory, dist, external)
}

/**
 * Compiling is a third of what a start takes, so what V8 makes of the bundle is kept beside it: there, and not in Node's
 * shared folder for temporary files, because it is trusted like the code. Where nothing can be written nothing is kept.
 */
const MAIN = `import { enableCompileCache } from 'node:module'
enableCompileCache(import.meta.dirname + '/compile-cache')
await import('./server.js')
`
