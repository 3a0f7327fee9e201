import { basename } from 'node:path'
import type { Mail, Mailer } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'

/** The outcome of sending a mail, shown to the user who caused it. */
export interface MailDelivery {
  readonly status: 'sent' | 'outbox' | 'failed' | 'none'
  readonly message: string
}

export interface MailDependencies {
  readonly mailer: Mailer | undefined
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/**
 * Sends a mail after its change was committed. A failed mail does not undo the change. Never throws.
 * `messages` are returned if no mailer is configured or sending fails; `about` is logged.
 */
export async function deliverMail(
  { mailer, logger }: MailDependencies,
  mail: Mail,
  { messages, about }: { readonly messages: Readonly<Record<'none' | 'failed', string>>; readonly about: object },
): Promise<MailDelivery> {
  if (!mailer) return { status: 'none', message: messages.none }
  try {
    const delivery = await mailer.send(mail)
    if (delivery.kind === 'sent') return { status: 'sent', message: `Mailed to ${mail.to}` }
    const file = basename(delivery.file)
    const message = `No mail server is configured: the mail was written to the outbox directory as ${file}`
    return { status: 'outbox', message }
  } catch (error) {
    logger.warn({ err: error, ...about }, 'mail failed')
    return { status: 'failed', message: messages.failed }
  }
}
