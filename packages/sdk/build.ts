import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import ts from 'typescript'
import { collectLicences } from './licences.ts'

/** Entry points for any runtime: Node, browsers, workers. Importing a Node module fails the build. */
const ANY_RUNTIME = { index: 'src/index.ts', 'resource-server': 'src/resource-server/index.ts' }

const NODE_ONLY = { 'resource-server-fastify': 'src/resource-server/fastify.ts' }

/** Bundles the entry points with their dependencies, and their types. */
export async function buildSdk(folder = import.meta.dirname): Promise<void> {
  const dist = join(folder, 'dist')
  await rm(dist, { recursive: true, force: true })
  const common: BuildOptions = {
    absWorkingDir: folder,
    outdir: dist,
    bundle: true,
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
  }
  const anywhere = await build({
    ...common,
    entryPoints: ANY_RUNTIME,
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  })
  const inNode = await build({
    ...common,
    entryPoints: NODE_ONLY,
    platform: 'node',
    target: 'node20.3',
    metafile: true,
    external: ['fastify'],
    // A dependency is CommonJS and calls `require` for modules of Node.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  const inputs = [anywhere, inNode].flatMap(({ metafile }) => Object.keys(metafile.inputs))
  await writeFile(join(dist, 'LICENSES.txt'), await collectLicences(folder, inputs))

  const entries = Object.entries({ ...ANY_RUNTIME, ...NODE_ONLY })
  const types = await rollup({
    input: Object.fromEntries(entries.map(([name, path]) => [name, join(folder, path)])),
    external: ['fastify'],
    plugins: [
      dts({
        respectExternal: true,
        tsconfig: join(folder, 'tsconfig.json'),
        // The plugin's default ignores `exports`, and with them the entry points of a package.
        compilerOptions: { moduleResolution: ts.ModuleResolutionKind.NodeNext },
      }),
    ],
    onwarn(warning) {
      // The type of the API's paths is not exported on purpose.
      if (!warning.message.includes('with no public re-export: paths.')) throw new Error(warning.message)
    },
  })
  await types.write({ dir: dist, chunkFileNames: 'chunks/[name]-[hash].d.ts', entryFileNames: '[name].d.ts' })
  await types.close()
}

if (import.meta.main) await buildSdk()
