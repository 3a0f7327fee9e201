import {
  type AuditEntry,
  createEmailVerification,
  type Database,
  inAudit,
  lockUser,
  type OrganizationId,
  secondsToNextVerification,
} from '@daytona-auth/db'
import { conflict, forbidden, tooManyRequests, verificationMail } from '@daytona-auth/service'
import type { Caller } from '../../http/caller.ts'
import { deliver, type MailDelivery, type MailRoom } from '../../mail/delivery.ts'

export interface EmailVerificationDependencies extends MailRoom {
  readonly database: Database
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Mails the caller a link that verifies their address. The one that was mailed before stops working.
 * @throws Refusal 409 for an address that is verified already, 429 for who was mailed enough.
 */
export async function requestVerification(
  dependencies: EmailVerificationDependencies,
  caller: Caller,
): Promise<MailDelivery> {
  const { database, issuer, now } = dependencies
  const { principal, actor } = caller
  const { userId, email } = principal
  const { mail, ...minted } = verificationMail({ to: email, issuer, now: now() })
  const entry = (organizationId: OrganizationId): AuditEntry => ({
    ...actor,
    organizationId,
    action: 'user.request_email_verification',
    targetType: 'user',
    targetId: userId,
    statusCode: 200,
    metadata: { email },
  })
  await inAudit<OrganizationId, Caller>(database, caller.authority('manage'), entry, async (tx, confirmed) => {
    if (confirmed.principal.emailVerified) {
      throw conflict('email_already_verified', 'Your address is verified already')
    }
    const organizationId = await lockUser(tx, userId)
    if (organizationId === undefined) throw forbidden('the user is gone')
    if (await createEmailVerification(tx, userId, { email, ...minted })) return organizationId
    throw tooManyRequests('mailed enough', await secondsToNextVerification(tx, userId))
  })
  return deliver(dependencies, mail, {
    words: {
      none: 'Nothing is mailed here: ask whoever runs this service to verify your address',
      failed: 'The mail could not be sent: ask for another one in a minute',
    },
    about: { userId },
  })
}
