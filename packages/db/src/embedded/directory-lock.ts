import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A directory that this process alone works in until `release`, or until it dies. */
export interface DirectoryLock {
  release(): void
}

const SQLITE_BUSY = 5

/**
 * Takes the one lock of a directory, or answers `undefined` at once when another process (or an earlier
 * caller in this one) holds it.
 *
 * Node has no flock(2), and a file with a process id in it goes stale on `kill -9` and is then a guess. An
 * exclusive SQLite transaction is a lock of the kernel's: it ends with the process, however that ends.
 *
 * @param directory exists; the lock is the empty file `lock` in it.
 * @throws EACCES for one that may not be written.
 */
export function lockDirectory(directory: string): DirectoryLock | undefined {
  // SQLite would only say that it cannot open a file.
  accessSync(directory, constants.W_OK | constants.X_OK)
  const file = join(directory, 'lock')
  // Who may open it may lock it.
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Nothing is ever written, so a journal needs no file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined
    throw error
  }
  return { release: () => database.close() }
}
