import { join } from 'node:path'
import { build } from 'esbuild'
import { options } from '../../api/build.ts'

const directory = join(import.meta.dirname, '../dist/bench')

/** Bundles servers of the benchmark as the API is bundled. Returns their files. */
export async function bundle<Name extends string>(names: readonly Name[]): Promise<Record<Name, string>> {
  const files = names.map((name) => [name, join(directory, `${name}.js`)] as const)
  for (const [name, outfile] of files) {
    await build({ ...options, entryPoints: [join(import.meta.dirname, `servers/${name}.ts`)], outfile })
  }
  return Object.fromEntries(files) as Record<Name, string> // the names that came in
}
