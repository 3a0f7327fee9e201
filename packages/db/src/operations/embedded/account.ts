import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, lstat, mkdir, readdir, realpath, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './error.ts'

/** The system account of the server if this process runs as root, as which PostgreSQL refuses to run. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Candidates among existing system users, the most suitable first. None is ever created. */
const CANDIDATES = ['postgres', '_postgres', 'nobody']

const run = promisify(execFile)

/**
 * Returns the account that the server of `dataDir` runs as: `undefined` (that of this process) unless it is root. As root,
 * the owner of existing data, so that a PostgreSQL package installed later changes nothing; for new data the first
 * candidate that exists.
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
      // There is no such user: the next one.
    }
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and there is no system user to run it as: start as an ordinary user, or set DATABASE_URL',
  )
}

/** Whether `account` can enter (a directory) or run (a file) `path`, by file modes and access control lists. */
export async function canAccess(account: Account, path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -x "$0"', path], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/**
 * Makes `dataDir` a directory that the server's account can access, and returns its real path.
 *
 * If the account cannot access it (a clone under /root, which only root may enter), the data are in a new directory below
 * `shared`, and `dataDir` is a symbolic link to it. The link shows where they are, and stays valid when the parent
 * directory is moved or renamed.
 */
export async function prepareDataDir(account: Account | undefined, dataDir: string, shared: string): Promise<string> {
  const path = resolve(dataDir)
  await mkdir(dirname(path), { recursive: true })
  const entry = await lstat(path).catch(() => undefined)
  if (entry?.isSymbolicLink() && !(await stat(path).catch(() => undefined))) {
    throw new EmbeddedPostgresError(
      `${path} points to data that are gone: restore them, or remove it to start with an empty database`,
    )
  }
  if (!entry) await mkdir(path, { mode: 0o700 })
  // The target, if it is a link of an earlier start.
  const real = await realpath(path)
  if (account === undefined || (await makeAccessible(account, real))) return real

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

/** Changes the owner of root's directory to the account, and returns whether the account can access it then. */
async function makeAccessible(account: Account, path: string) {
  const { uid } = await stat(path)
  if (uid === 0) await chown(path, account.uid, account.gid)
  return canAccess(account, path)
}
