import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import { licencesOf } from './licences.ts'

/** For any runtime: Node, browsers, workers. A module of Node's would be an error. */
const ANYWHERE = { index: 'src/index.ts', 'resource-server': 'src/resource-server/index.ts' }

const IN_NODE = { 'resource-server-fastify': 'src/resource-server/fastify.ts' }

/** What the package consists of: the entry points with all that they need, and their types likewise. */
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
    entryPoints: ANYWHERE,
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  })
  const inNode = await build({
    ...common,
    entryPoints: IN_NODE,
    platform: 'node',
    target: 'node20.3',
    metafile: true,
    external: ['fastify'],
    // A dependency is CommonJS and calls `require` for what Node has.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  const inputs = [anywhere, inNode].flatMap(({ metafile }) => Object.keys(metafile.inputs))
  await writeFile(join(dist, 'LICENSES.txt'), await licencesOf(folder, inputs))

  const entries = Object.entries({ ...ANYWHERE, ...IN_NODE })
  const types = await rollup({
    input: Object.fromEntries(entries.map(([name, path]) => [name, join(folder, path)])),
    external: ['fastify'],
    plugins: [dts({ respectExternal: true, tsconfig: join(folder, 'tsconfig.json') })],
    onwarn(warning) {
      // Of the API's paths nobody's own types are made.
      if (!warning.message.includes('with no public re-export: paths.')) throw new Error(warning.message)
    },
  })
  await types.write({ dir: dist, chunkFileNames: 'chunks/[name]-[hash].d.ts', entryFileNames: '[name].d.ts' })
  await types.close()
}

if (import.meta.main) await buildSdk()
