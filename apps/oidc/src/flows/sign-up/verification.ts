import { verificationMail } from '@daytona-auth/accounts/mail/verification-mail'
import { auditEntry } from '@daytona-auth/db/audit'
import type { OrganizationId, UserId } from '@daytona-auth/db/core'
import { createEmailVerification } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import type { PageContext } from '../interaction/page-context.ts'
import { sendToken } from '../mailed-link/send-token.ts'

export interface NewAccount {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly email: string
}

/**
 * Mails a new account the link that verifies its address, if a mailer is configured. After a failure the user can
 * request the mail again in the dashboard, under the same limits. Never throws.
 */
export function mailVerification(
  context: PageContext,
  { userId, organizationId, email }: NewAccount,
  from: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const minted = verificationMail({
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(from.language),
  })
  const { mail: _mail, ...token } = minted
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
  const store = (tx: Parameters<typeof createEmailVerification>[0]) =>
    createEmailVerification(tx, userId, { email, ...token })
  return sendToken(context, { ...minted, userId, entry, store }, logger)
}
