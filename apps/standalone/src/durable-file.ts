import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file that only its owner may read. When this resolves, the content is on disk. After a crash at any moment,
 * the file has either its old content or the new one.
 */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const directory = await open(dirname(path))
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Whether the error is ENOENT. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
