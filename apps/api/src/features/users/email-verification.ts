import { type Language, mailLanguage } from '@daytona-auth/accounts/language/language'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import { verificationMail } from '@daytona-auth/accounts/mail/verification-mail'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { createEmailVerification, findLanguage, lockUser, secondsToNextVerification } from '@daytona-auth/db/users'
import { conflict, forbidden, tooManyRequests } from '@daytona-auth/service'
import type { Caller } from '../../http/caller.ts'
import { deliverMail, type MailDelivery, type MailDependencies } from '../../mail/delivery.ts'

export interface EmailVerificationDependencies extends MailDependencies {
  readonly database: Database
  readonly issuer: string
  /** The texts of mails in a language. */
  readonly mailsIn: (language: Language) => MailTranslation
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Mails the caller a link that verifies their address. The previous link stops working.
 * @throws Denial 409 if the address is verified already, 429 past the limits on mails
 */
export async function requestVerification(
  dependencies: EmailVerificationDependencies,
  caller: Caller,
  language: Language,
): Promise<MailDelivery> {
  const { database, issuer, mailsIn, now } = dependencies
  const { principal, actor } = caller
  const { userId, email } = principal
  const translation = mailsIn(mailLanguage(await findLanguage(database, userId), language))
  const { mail, ...minted } = verificationMail({ to: email, issuer, now: now(), translation })
  const entry = (organizationId: OrganizationId): AuditEntry =>
    auditEntry('user.request_email_verification', {
      ...actor,
      organizationId,
      targetId: userId,
      statusCode: 200,
      metadata: { email },
    })
  await inAudit<OrganizationId, Caller>(database, caller.authority('manage'), entry, async (tx, confirmed) => {
    if (confirmed.principal.emailVerified) {
      throw conflict('email_already_verified', 'Your address is verified already')
    }
    const organizationId = await lockUser(tx, userId)
    if (organizationId === undefined) throw forbidden('Your account was disabled or deleted')
    if (await createEmailVerification(tx, userId, { email, ...minted })) return organizationId
    throw tooManyRequests('too many verification mails', await secondsToNextVerification(tx, userId))
  })
  return deliverMail(dependencies, mail, {
    messages: {
      none: 'This service sends no mail: ask its operator to verify your address',
      failed: 'The mail could not be sent: request another one in a minute',
    },
    about: { userId },
  })
}
