import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A mail to one person, in plain text. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** What became of a mail: taken by the SMTP server, or written as a file because there is no such server. */
export type Delivery = { readonly kind: 'sent' } | { readonly kind: 'written'; readonly file: string }

/**
 * Sends mails. A send takes seconds and may fail: never inside a transaction, and what the mail tells of must be true
 * before it goes.
 */
export interface Mailer {
  /** @throws when the mail could not be handed over in time; it may have arrived all the same */
  send(mail: Mail): Promise<Delivery>
  close(): void
}

export interface MailerOptions {
  /** `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. */
  readonly smtpUrl?: string | undefined
  /** Where mails are written instead, as files that a mail program opens. */
  readonly outboxDirectory?: string | undefined
  /** The sender's address. */
  readonly from: string
  /** How long a send may take, and how long the SMTP server may be silent, in milliseconds. */
  readonly timeoutMs?: number
}

/** What a request can wait for. */
const SEND_MS = 8000

/** Through SMTP where there is a server, else into a folder; undefined where there is neither. */
export function createMailer({
  smtpUrl,
  outboxDirectory,
  from,
  timeoutMs = SEND_MS,
}: MailerOptions): Mailer | undefined {
  if (smtpUrl !== undefined) return smtpMailer(smtpUrl, from, timeoutMs)
  return outboxDirectory === undefined ? undefined : outboxMailer(outboxDirectory, from)
}

function smtpMailer(url: string, from: string, timeoutMs: number): Mailer {
  const transport = onFirstUse(({ createTransport }) =>
    createTransport({
      url,
      pool: true,
      ...(needsTls(url) && { requireTLS: true }),
      maxConnections: 2,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      // What we mail is text of our own: nothing is read from files or fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
    }),
  )
  return {
    async send(mail) {
      const { promise, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(
        () => reject(new Error(`the SMTP server did not take the mail in ${timeoutMs} ms`)),
        timeoutMs,
      )
      try {
        const smtp = await transport.get()
        await Promise.race([smtp.sendMail({ from, ...addressed(mail) }), promise])
      } finally {
        clearTimeout(timer)
      }
      return { kind: 'sent' }
    },
    close: () => transport.made()?.close(),
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether a password would go over a network: then not in clear, although TLS is only taken where it is offered, and
 * whoever is between could leave the offer out. `?requireTLS=false` says that this is known.
 */
function needsTls(url: string): boolean {
  const { username, password, hostname, searchParams } = new URL(url)
  return (username !== '' || password !== '') && !LOOPBACK.has(hostname) && !searchParams.has('requireTLS')
}

/** Mails have single-use tokens in them: only who runs this process reads the files. */
function outboxMailer(directory: string, from: string): Mailer {
  const transport = onFirstUse(({ createTransport }) =>
    createTransport({ streamTransport: true, buffer: true, disableFileAccess: true, disableUrlAccess: true }),
  )
  return {
    async send(mail) {
      const composer = await transport.get()
      const { message } = await composer.sendMail({ from, ...addressed(mail) })
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const moment = new Date().toISOString().replaceAll(/[:.]/g, '-')
      const file = join(directory, `${moment}-${randomBytes(4).toString('hex')}.eml`)
      await writeFile(file, message, { mode: 0o600, flag: 'wx' })
      return { kind: 'written', file }
    },
    close() {},
  }
}

/** As an object, the address is taken as it is: in a text, commas and brackets would make others of it. */
const addressed = ({ to, subject, text }: Mail) => ({ to: { name: '', address: to }, subject, text })

/** The library takes a good part of a start, and most processes never send. */
function onFirstUse<T>(make: (library: typeof import('nodemailer')) => T) {
  let made: T | undefined
  return {
    made: () => made,
    async get(): Promise<T> {
      const library = await import('nodemailer')
      made ??= make(library)
      return made
    },
  }
}
