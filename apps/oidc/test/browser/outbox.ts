import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Scope, waitFor } from '@daytona-auth/testing'

export interface ReceivedMail {
  /** Headers and bodies, decoded. */
  readonly content: string
  /** The token of its only link to `path`. */
  tokenOf(path: string): string
}

export interface Outbox {
  /** The value of `OUTBOX_DIR`. */
  readonly directory: string
  /** Waits for the next mail to an address that was not returned yet. */
  next(to: string): Promise<ReceivedMail>
  /** Counts the mails so far. */
  count(): Promise<number>
}

/** Creates a folder for the mails of a provider under test. */
export async function createOutbox(scope: Scope): Promise<Outbox> {
  const directory = await mkdtemp(join(tmpdir(), 'outbox-'))
  scope.after(() => rm(directory, { recursive: true, force: true }))
  const read = new Set<string>()
  /** The complete mails, oldest first. */
  const list = async () => (await readdir(directory)).filter((name) => !name.startsWith('.')).sort()

  async function find(to: string): Promise<string | undefined> {
    for (const file of await list()) {
      if (read.has(file)) continue
      const content = decodeMail(await readFile(join(directory, file), 'utf8'))
      if (!new RegExp(`^To: ${RegExp.escape(to)}\\r?$`, 'm').test(content)) continue
      read.add(file)
      return content
    }
    return undefined
  }

  return {
    directory,
    async next(to) {
      const content = await waitFor(() => find(to))
      return {
        content,
        tokenOf(path) {
          const token = new RegExp(`${RegExp.escape(path)}\\?token=([\\w-]{43})`).exec(content)?.[1]
          if (token === undefined) throw new Error(`no link to ${path} in ${content}`)
          return token
        },
      }
    },
    count: async () => (await list()).length,
  }
}

/** Decodes quoted-printable, whose lines end in `=`. */
const decodeMail = (text: string): string =>
  Buffer.from(
    text
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
