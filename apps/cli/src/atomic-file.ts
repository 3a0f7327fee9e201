import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'

/** What a text may be longer than it was, and still find its room taken already. */
const ROOM_BYTES = 16 * 1024

/** A place for a text that is not known yet. */
export interface PreparedFile {
  /** Whole or not at all, also through a power failure. */
  write(text: string): Promise<void>
  /** Removes what was prepared and not written. */
  discard(): Promise<void>
}

/**
 * Prepares to replace `path`, by a file that nobody but its owner can read, not for a moment. A directory that cannot
 * be written, or a disk that is full, is found out now: what is to be written may exist only once.
 */
export async function prepareFile(path: string, { currentBytes }: { currentBytes: number }): Promise<PreparedFile> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  const discard = async () => {
    await file.close()
    await rm(temporary, { force: true })
  }
  try {
    await file.write(Buffer.alloc(currentBytes + ROOM_BYTES), 0, null, 0)
  } catch (error) {
    await discard()
    throw error
  }
  return {
    discard,
    async write(text) {
      const bytes = Buffer.from(text)
      await file.write(bytes, 0, bytes.length, 0)
      await file.truncate(bytes.length)
      await file.sync()
      await rename(temporary, path)
    },
  }
}
