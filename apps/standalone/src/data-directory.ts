import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { lockDirectory } from '@daytona-auth/db/directory-lock'
import { StartupError } from '@daytona-auth/service'
import { isMissing, writeDurably } from './durable-file.ts'

/** 256 bits: longer than what any of them protects could be searched. */
const SECRET_BYTES = 32

export interface DataDirectory {
  readonly path: string
  /** The first account and key, for the person who runs this. */
  readonly credentialsFile: string
  /** Where the own PostgreSQL keeps its data, or a link to where it does. */
  readonly postgres: string
  /** Reads a secret, or makes it: it is on disk before anything can depend on it. */
  secret(name: string): Promise<{ readonly file: string; readonly value: string }>
  release(): void
}

/**
 * Makes the data directory, and keeps every other start out of it until `release` or until this process ends.
 * @throws StartupError with one line that says what to do.
 */
export async function openDataDirectory(dataDir: string): Promise<DataDirectory> {
  const path = resolve(dataDir)
  const secrets = join(path, 'secrets')
  // Started by root, PostgreSQL runs as a user who must be able to pass; nothing but its own folder is open to it.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  await mkdir(path, { recursive: true, mode }).catch((error) => refuse(path, error))
  const lock = await lockedOrRefused(path)
  await mkdir(secrets, { recursive: true, mode: 0o700 }).catch((error) => refuse(path, error))
  return {
    path,
    credentialsFile: join(path, 'credentials.json'),
    postgres: join(path, 'postgres'),
    secret: (name) => secretIn(join(secrets, name)),
    release: () => lock.release(),
  }
}

async function lockedOrRefused(path: string) {
  try {
    const lock = lockDirectory(path)
    if (lock) return lock
  } catch (error) {
    refuse(path, error)
  }
  throw new StartupError(`${path} is in use by another start: stop that one, or choose another with DATA_DIR`)
}

async function secretIn(file: string) {
  const present = await readFile(file, 'utf8').catch((error) => {
    if (isMissing(error)) return ''
    throw error
  })
  if (present.trim()) return { file, value: present.trim() }
  const value = randomBytes(SECRET_BYTES).toString('base64url')
  await writeDurably(file, `${value}\n`)
  return { file, value }
}

function refuse(path: string, cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  throw new StartupError(
    `the data directory ${path} cannot be written (${code}): give it to this user, or choose another with DATA_DIR`,
    { cause },
  )
}
