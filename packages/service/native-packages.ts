import { cp, readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/**
 * Copies packages with native code, as installed below `directory`, into `dist/node_modules`. Includes their binaries for
 * this platform, which npm installs as optional dependencies. Other dependencies are left out, so that a bundle contains
 * only what it loads.
 */
export async function carryNativePackages(directory: string, dist: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const folder = await realpath(join(directory, 'node_modules', name))
    const { optionalDependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    // pnpm installs the dependencies of a package beside it.
    const neighbours = folder.slice(0, -name.length)
    for (const carried of [name, ...Object.keys(optionalDependencies)]) {
      const installed = await realpath(join(neighbours, carried)).catch(() => undefined)
      if (installed !== undefined) await copyPackage(installed, join(dist, 'node_modules', carried))
    }
    await stat(join(dist, 'node_modules', name))
  }
}

const copyPackage = (from: string, to: string) =>
  cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    // Declarations are for compilers.
    filter: (path) => !path.slice(from.length).includes(`${sep}node_modules`) && !path.endsWith('.d.ts'),
  })
