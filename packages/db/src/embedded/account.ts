import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, lstat, mkdir, readdir, realpath, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './error.ts'

/** Whom the server runs as when we are root, whom PostgreSQL refuses. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** System users that exist without our doing, the fitting one first. None is ever created. */
const CANDIDATES = ['postgres', '_postgres', 'nobody']

const run = promisify(execFile)

/**
 * The account that the server of `dataDir` runs as: `undefined` (our own) unless we are root; then the owner of
 * the data that is there already, so that a PostgreSQL package installed meanwhile changes nothing, or else the
 * first system user that fits.
 */
export async function serverAccount(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const present = await stat(dataDir).catch(() => undefined)
  if (present && present.uid !== 0) return { uid: present.uid, gid: present.gid }

  for (const name of CANDIDATES) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    } catch {
      // `id` knows no such user: the next one.
    }
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and there is no system user to run it as: start as an ordinary user, or set DATABASE_URL',
  )
}

/** Whether `account` can enter (a directory) or run (a file) `path`, whatever modes and lists decide it. */
export async function reaches(account: Account, path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -x "$0"', path], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/**
 * Makes `dataDir` a directory that the server can work in, and answers its real path.
 *
 * Where the server's account cannot reach it (a clone under /root, which only root may enter), the data lie in
 * a directory of their own below `shared`, and `dataDir` is a symbolic link to it: so whoever looks sees where
 * they are, and they stay the same data when the parent directory is moved or renamed.
 */
export async function placeFor(account: Account | undefined, dataDir: string, shared: string): Promise<string> {
  const path = resolve(dataDir)
  await mkdir(dirname(path), { recursive: true })
  const entry = await lstat(path).catch(() => undefined)
  if (entry?.isSymbolicLink() && !(await stat(path).catch(() => undefined))) {
    throw new EmbeddedPostgresError(`${path} points to data that are gone: bring them back, or remove it to begin anew`)
  }
  if (!entry) await mkdir(path, { mode: 0o700 })
  // What counts is where a link of an earlier start leads.
  const real = await realpath(path)
  if (account === undefined || (await ownedBy(account, real))) return real

  if ((await readdir(path)).length > 0) {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root, and uid ${account.uid} cannot enter ${path}: move it to where that user can, or start as an ordinary user`,
    )
  }
  const elsewhere = join(shared, `data-${randomBytes(8).toString('hex')}`)
  await mkdir(shared, { recursive: true, mode: 0o711 })
  await mkdir(elsewhere, { mode: 0o700 })
  await chown(elsewhere, account.uid, account.gid)
  await rm(path, { recursive: true })
  await symlink(elsewhere, path)
  return elsewhere
}

/** Gives the directory to the account, and says whether that puts it in the account's reach. */
async function ownedBy(account: Account, path: string) {
  const { uid } = await stat(path)
  if (uid === 0) await chown(path, account.uid, account.gid)
  return reaches(account, path)
}
