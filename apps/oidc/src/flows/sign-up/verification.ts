import { verificationMail } from '@daytona-auth/accounts/verification-mail'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { OrganizationId, UserId } from '@daytona-auth/db/core'
import { createEmailVerification } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { PageContext } from '../interaction/page-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

export interface NewAccount {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly email: string
}

/**
 * Mails a new account the link that verifies its address, if a mailer is configured. After a failure the user can
 * request the mail again in the dashboard, under the same limits. Never throws.
 */
export async function mailVerification(
  { database, config, mailer, now }: PageContext,
  { userId, organizationId, email }: NewAccount,
  from: { readonly address: string; readonly userAgent: string | null },
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  if (!mailer) return
  const { mail, ...minted } = verificationMail({ to: email, issuer: config.ISSUER, now: now() })
  const entry = auditEntry('user.request_email_verification', {
    organizationId,
    actorId: userId,
    actorEmail: email,
    targetId: userId,
    statusCode: 200,
    metadata: { email },
    ipAddress: from.address,
    userAgent: from.userAgent,
    source: 'provider',
  })
  try {
    const isMinted = await inAudit<boolean>(
      database,
      stepAuthority('sign-up', { userId }),
      (done) => (done ? entry : []),
      (tx) => createEmailVerification(tx, userId, { email, ...minted }),
    )
    if (isMinted) await mailer.send(mail)
  } catch (error) {
    logger.warn({ err: error, userId }, 'mail failed')
  }
}
