import { createReadStream } from 'node:fs'
import { StartupError } from '@daytona-auth/service'
import type { Host } from '../host.ts'

/** More than any password has: what is longer is some other file. */
const MAX_BYTES = 8192

/**
 * The password in a file, or on standard input where `path` is `-`; the newline that editors and `echo` end it with is no
 * part of it.
 * @throws StartupError for what cannot be read or is no line of text
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
        throw new StartupError(`--password-file has more than ${MAX_BYTES} bytes: it is no password`)
      chunks.push(read)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === undefined) throw error
    throw new StartupError(`--password-file cannot be read (${code}): name a file that this user may read`)
  }
  return Buffer.concat(chunks)
}
