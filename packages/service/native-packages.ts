import { cp, readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** A package that was copied. */
export interface CarriedPackage {
  readonly name: string
  readonly version: string
}

/**
 * Copies packages with native code, as installed below `directory`, into `dist/node_modules`. Includes their binaries for
 * this platform, which npm installs as optional dependencies. Other dependencies are left out, so that a bundle contains
 * only what it loads.
 */
export async function carryNativePackages(
  directory: string,
  dist: string,
  names: readonly string[],
): Promise<CarriedPackage[]> {
  const all: CarriedPackage[] = []
  for (const name of names) {
    const folder = await realpath(join(directory, 'node_modules', name))
    const { optionalDependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    // pnpm installs the dependencies of a package beside it.
    const neighbours = folder.slice(0, -name.length)
    for (const carried of [name, ...Object.keys(optionalDependencies)]) {
      const installed = await realpath(join(neighbours, carried)).catch(() => undefined)
      if (installed === undefined) continue
      await copyPackage(installed, join(dist, 'node_modules', carried))
      const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
      all.push({ name: carried, version })
    }
    await stat(join(dist, 'node_modules', name))
  }
  return all
}

const copyPackage = (from: string, to: string) =>
  cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    // Declarations are for compilers.
    filter: (path) => !path.slice(from.length).includes(`${sep}node_modules`) && !path.endsWith('.d.ts'),
  })
