import { randomBytes } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pTimeout from 'p-timeout'
import { isLoopback } from '../network/loopback.ts'

/** A mail to one person, as plain text and as HTML. */
export interface Mail {
  /** The part of its Message-ID before the @. A repeated send of the same mail has the same one. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The result of a send: accepted by the SMTP server, or written to a file because none is configured. */
export type Delivery = { readonly kind: 'sent' } | { readonly kind: 'written'; readonly file: string }

/**
 * Sends mails. A send takes seconds and may fail: never call it inside a transaction, and commit what the mail announces
 * first.
 */
export interface Mailer {
  /** @throws if the server did not accept the mail in time; it may have been delivered nevertheless */
  send(mail: Mail): Promise<Delivery>
  close(): void
}

export interface MailerOptions {
  /** `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte. */
  readonly smtpUrl?: string | undefined
  /** The folder for mails if there is no SMTP server, as files that a mail program opens. */
  readonly outboxDirectory?: string | undefined
  /** The sender's address. */
  readonly from: string
  /** The sender's name, which mail programs show in place of the address. */
  readonly fromName?: string
  /** How long a send may take, and how long the SMTP server may be silent, in milliseconds. */
  readonly timeoutMs?: number
}

interface Sender {
  readonly name: string
  readonly address: string
}

/** A request waits for a send. */
const SEND_MS = 8000

/** Creates a mailer for the SMTP server, or else for the folder; undefined if neither is configured. */
export function createMailer({
  smtpUrl,
  outboxDirectory,
  from: address,
  fromName: name = '',
  timeoutMs = SEND_MS,
}: MailerOptions): Mailer | undefined {
  const from = { name, address }
  if (smtpUrl !== undefined) return smtpMailer(smtpUrl, from, timeoutMs)
  return outboxDirectory === undefined ? undefined : outboxMailer(outboxDirectory, from)
}

function smtpMailer(url: string, from: Sender, timeoutMs: number): Mailer {
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
      // Mails have no attachments: reading files and fetching URLs is never needed.
      disableFileAccess: true,
      disableUrlAccess: true,
    }),
  )
  return {
    async send(mail) {
      const sent = transport.get().then((smtp) => smtp.sendMail(messageOf(mail, from)))
      await pTimeout(sent, {
        milliseconds: timeoutMs,
        message: `the SMTP server did not accept the mail in ${timeoutMs} ms`,
      })
      return { kind: 'sent' }
    },
    close: () => transport.made()?.close(),
  }
}

/**
 * Whether TLS is required because a password would be sent over a network. By default nodemailer uses STARTTLS only if the
 * server offers it, and an attacker in between can remove the offer. `?requireTLS=false` accepts that.
 */
function needsTls(url: string): boolean {
  const { username, password, hostname, searchParams } = new URL(url)
  return (username !== '' || password !== '') && !isLoopback(hostname) && !searchParams.has('requireTLS')
}

/** Writes mails to files that only the user of this process can read, because mails contain single-use tokens. */
function outboxMailer(directory: string, from: Sender): Mailer {
  const transport = onFirstUse(({ createTransport }) =>
    createTransport({ streamTransport: true, buffer: true, disableFileAccess: true, disableUrlAccess: true }),
  )
  return {
    async send(mail) {
      const composer = await transport.get()
      const { message } = await composer.sendMail(messageOf(mail, from))
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const moment = new Date().toISOString().replaceAll(/[:.]/g, '-')
      const name = `${moment}-${randomBytes(4).toString('hex')}.eml`
      const file = join(directory, name)
      // Under its name once it is complete: who watches the folder never reads half a mail.
      const incomplete = join(directory, `.${name}`)
      await writeFile(incomplete, message, { mode: 0o600, flag: 'wx' })
      await rename(incomplete, file)
      return { kind: 'written', file }
    },
    close() {},
  }
}

/**
 * Returns the message for nodemailer. Addresses are objects: nodemailer would parse commas and brackets in a string as
 * further addresses. The Message-ID is in the sender's domain (RFC 5322 §3.6.4).
 */
const messageOf = ({ id, to, subject, text, html }: Mail, from: Sender) => ({
  from,
  to: { name: '', address: to },
  subject,
  text,
  html,
  messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
})

/** Loads nodemailer at the first send: loading takes a large part of startup, and most processes never send. */
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
