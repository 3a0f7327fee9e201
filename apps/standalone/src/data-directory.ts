import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { lockDirectory } from '@daytona-auth/db/directory-lock'
import { StartupError } from '@daytona-auth/service'
import { isMissing, writeDurably } from './durable-file.ts'

/** 256 bits: an exhaustive search is infeasible. */
const SECRET_BYTES = 32

export interface DataDirectory {
  readonly path: string
  /** The file of the first account and key, for the operator. */
  readonly credentialsFile: string
  /** The data of the embedded PostgreSQL, or a link to them. */
  readonly postgres: string
  /** Reads a secret, or creates it. It is on disk before anything can depend on it. */
  ensureSecret(name: string): Promise<{ readonly file: string; readonly value: string }>
  release(): void
}

/**
 * Creates the data directory and locks it against other starts until `release` or until this process ends.
 * @throws StartupError with one line that states what to do.
 */
export async function openDataDirectory(dataDir: string): Promise<DataDirectory> {
  const path = resolve(dataDir)
  const secrets = join(path, 'secrets')
  // Started by root, PostgreSQL runs as another user, who must be able to enter; only its own folder is readable to it.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  await createDirectory(path, mode).catch((error) => throwNotWritable(path, error))
  const lock = await acquireLock(path)
  await mkdir(secrets, { recursive: true, mode: 0o700 }).catch((error) => throwNotWritable(path, error))
  return {
    path,
    credentialsFile: join(path, 'credentials.json'),
    postgres: join(path, 'postgres'),
    ensureSecret: (name) => readOrCreateSecret(join(secrets, name)),
    release: () => lock.release(),
  }
}

/**
 * Creates a directory with its parents. Node's `recursive` never ends where an existing parent answers ENOENT, as `/proc`
 * does.
 */
async function createDirectory(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    const code = getCode(error)
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error
    await createDirectory(dirname(path), mode)
    await createDirectory(path, mode)
  }
}

async function acquireLock(path: string) {
  try {
    const lock = lockDirectory(path)
    if (lock) return lock
  } catch (error) {
    throwNotWritable(path, error)
  }
  throw new StartupError(`${path} is in use by another start: stop that one, or choose another with DATA_DIR`)
}

async function readOrCreateSecret(file: string) {
  const present = await readFile(file, 'utf8').catch((error) => {
    if (isMissing(error)) return ''
    throw error
  })
  if (present.trim()) return { file, value: present.trim() }
  const value = randomBytes(SECRET_BYTES).toString('base64url')
  await writeDurably(file, `${value}\n`)
  return { file, value }
}

function throwNotWritable(path: string, cause: unknown): never {
  const code = getCode(cause) ?? 'unknown error'
  throw new StartupError(
    `the data directory ${path} cannot be written (${code}): give it to this user, or choose another with DATA_DIR`,
    { cause },
  )
}

const getCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined
