import { basename } from 'node:path'
import type { Mail, Mailer } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'

/** What became of a mail, for whoever had it sent. */
export interface MailDelivery {
  readonly status: 'sent' | 'outbox' | 'failed' | 'none'
  readonly message: string
}

export interface MailRoom {
  readonly mailer: Mailer | undefined
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/**
 * Sends a mail about something that is committed, and that a mail which fails leaves as it is. Never throws. `words` are
 * for what is said where nothing is mailed or it failed; `about` is for the log.
 */
export async function deliver(
  { mailer, logger }: MailRoom,
  mail: Mail,
  { words, about }: { readonly words: Readonly<Record<'none' | 'failed', string>>; readonly about: object },
): Promise<MailDelivery> {
  if (!mailer) return { status: 'none', message: words.none }
  try {
    const delivery = await mailer.send(mail)
    if (delivery.kind === 'sent') return { status: 'sent', message: `Mailed to ${mail.to}` }
    const file = basename(delivery.file)
    const message = `No mail server is configured: the mail was written to the outbox directory as ${file}`
    return { status: 'outbox', message }
  } catch (error) {
    logger.warn({ err: error, ...about }, 'mail failed')
    return { status: 'failed', message: words.failed }
  }
}
