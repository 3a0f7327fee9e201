import { join } from 'node:path'
import { bundleOptions } from '@daytona-auth/service/bundle'
import { build } from 'esbuild'

const directory = join(import.meta.dirname, '../dist/bench')

/** Bundles servers of the benchmark with the options of the product's servers. Returns their files. */
export async function bundle<Name extends string>(names: readonly Name[]): Promise<Record<Name, string>> {
  const files = names.map((name) => [name, join(directory, `${name}.js`)] as const)
  for (const [name, outfile] of files) {
    const entryPoints = [join(import.meta.dirname, `servers/${name}.ts`)]
    await build({ ...bundleOptions, entryPoints, outfile })
  }
  return Object.fromEntries(files) as Record<Name, string> // the keys are `names`
}
