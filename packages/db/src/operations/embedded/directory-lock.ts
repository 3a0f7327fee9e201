import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A directory that only this process uses until `release`, or until the process ends. */
export interface DirectoryLock {
  release(): void
}

const SQLITE_BUSY = 5

/**
 * Acquires the lock of a directory, or returns `undefined` at once if another process or this one holds it.
 *
 * Node has no flock(2). A file with a process id is stale after `kill -9`, and its process id may be reused. An exclusive
 * SQLite transaction is a kernel lock, which ends with the process in every case.
 *
 * @param directory an existing directory; the lock is the empty file `lock` in it
 * @throws EACCES if the directory is not writable
 */
export function lockDirectory(directory: string): DirectoryLock | undefined {
  // SQLite would only report that it cannot open a file.
  accessSync(directory, constants.W_OK | constants.X_OK)
  const file = join(directory, 'lock')
  // Mode 600, because every user who can open the file can lock it.
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Nothing is ever written, so the journal needs no file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined
    throw error
  }
  return { release: () => database.close() }
}
