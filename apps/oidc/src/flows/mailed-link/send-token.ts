import type { TokenMail } from '@daytona-auth/accounts/mail/verification-mail'
import { type AuditEntry, type AuditedTx, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import type { FastifyBaseLogger } from 'fastify'
import type { PageContext } from '../interaction/page-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

/** A mail with a token for a user. */
export interface TokenDelivery extends TokenMail {
  readonly userId: UserId
  /** Recorded if the token was stored. */
  readonly entry: AuditEntry
  /** Stores the token. Returns false if the user has reached the limit of mails. */
  readonly store: (tx: AuditedTx, userId: UserId) => Promise<boolean>
}

/**
 * Stores a token and mails it, if a mailer is configured and the limits allow it. Runs after the response, so that neither
 * its time nor a failure shows in one. Never throws.
 */
export async function sendToken(
  { database, mailer }: Pick<PageContext, 'database' | 'mailer'>,
  { userId, entry, store, mail }: TokenDelivery,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  if (!mailer) return
  try {
    const isStored = await inAudit<boolean>(
      database,
      stepAuthority('mailed token', { userId }),
      (done) => (done ? entry : []),
      (tx) => store(tx, userId),
    )
    if (isStored) await mailer.send(mail)
  } catch (error) {
    logger.warn({ err: error, userId }, 'mail failed')
  }
}
