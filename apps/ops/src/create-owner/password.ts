import { createReadStream } from 'node:fs'
import { StartupError } from '@daytona-auth/service'
import type { Host } from '../host.ts'

/** More than the maximum of a password: a longer file is another file. */
const MAX_BYTES = 8192

/**
 * Reads the password from a file, or from standard input if `path` is `-`. The final newline, which editors and `echo` add, is
 * removed.
 * @throws StartupError if it cannot be read or is not a line of text
 */
export async function readPassword(path: string, { stdin }: Pick<Host, 'stdin'>): Promise<string> {
  if (path === '-' && stdin.isTTY) {
    throw new StartupError('standard input is a terminal, which would show the password: pipe it in, or name a file')
  }
  const bytes = await read(path === '-' ? stdin : createReadStream(path))
  const line = textOf(bytes)?.replace(/\r?\n$/, '')
  if (line !== undefined && !/\p{Cc}/u.test(line)) return line
  throw new StartupError('--password-file must hold one line of text in UTF-8, without control characters')
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

async function read(source: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of source) {
      const read = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      if (!(read instanceof Uint8Array)) throw new Error('a stream of bytes has only bytes')
      bytes += read.length
      if (bytes > MAX_BYTES)
        throw new StartupError(`--password-file has more than ${MAX_BYTES} bytes: name a file that has only a password`)
      chunks.push(read)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === undefined) throw error
    throw new StartupError(`--password-file cannot be read (${code}): name a file that this user may read`)
  }
  return Buffer.concat(chunks)
}
