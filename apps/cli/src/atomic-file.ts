import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'

/** Bytes reserved beyond the current length, for a longer text. */
const RESERVED_BYTES = 16 * 1024

/** A file whose disk space is reserved before its text exists. */
export interface PreparedFile {
  /** Replaces the target atomically, also through a power failure. */
  write(text: string): Promise<void>
  /** Removes the reserved file if it was not written. */
  discard(): Promise<void>
}

/**
 * Reserves a file that replaces `path`, with mode 0600 from its creation. An unwritable directory or a full disk fails
 * here, before the text exists: it may be a secret that is issued once.
 */
export async function prepareFile(path: string, { currentBytes }: { currentBytes: number }): Promise<PreparedFile> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  const discard = async () => {
    await file.close()
    await rm(temporary, { force: true })
  }
  try {
    await file.write(Buffer.alloc(currentBytes + RESERVED_BYTES), 0, null, 0)
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
