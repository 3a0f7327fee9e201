import { hash, randomBytes } from 'node:crypto'
import {
  type AuditEntry,
  type Database,
  holdUser,
  inAudit,
  mintEmailVerification,
  type OrganizationId,
  secondsToNextVerification,
} from '@daytona-auth/db'
import { conflict, forbidden, type Mail, tooManyRequests } from '@daytona-auth/service'
import type { Caller } from '../../caller.ts'
import { deliver, type MailDelivery, type MailRoom } from '../../delivery.ts'

export interface EmailVerificationDependencies extends MailRoom {
  readonly database: Database
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const TOKEN_BYTES = 32

const TTL_MS = 24 * 60 * 60 * 1000

/**
 * Mails the caller a link that verifies their address. The one that was mailed before stops working.
 * @throws Refusal 409 for an address that is verified already, 429 for who was mailed enough.
 */
export async function requestVerification(
  dependencies: EmailVerificationDependencies,
  { principal, actor }: Caller,
): Promise<MailDelivery> {
  const { database, issuer, now } = dependencies
  const { userId, email } = principal
  if (principal.emailVerified) throw conflict('Your address is verified already')
  // 256 random bits: one round of SHA-256 is enough, as for API keys.
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const tokenDigest = hash('sha256', token, 'buffer')
  const expiresAt = new Date(now() + TTL_MS)
  const entry = (organizationId: OrganizationId): AuditEntry => ({
    ...{ ...actor, organizationId, action: 'user.request_email_verification' },
    ...{ targetType: 'user', targetId: userId, statusCode: 200, metadata: { email } },
  })
  await inAudit(database, entry, async (tx) => {
    const organizationId = await holdUser(tx, userId)
    if (organizationId === undefined) throw forbidden('the user is gone')
    if (await mintEmailVerification(tx, userId, { email, tokenDigest, expiresAt })) return organizationId
    throw tooManyRequests('mailed enough', await secondsToNextVerification(tx, userId))
  })
  return deliver(dependencies, mailOf(email, `${issuer}/oauth/verify-email?token=${token}`, expiresAt), {
    words: {
      none: 'Nothing is mailed here: ask whoever runs this service to verify your address',
      failed: 'The mail could not be sent: ask for another one in a minute',
    },
    about: { userId },
  })
}

const mailOf = (to: string, link: string, expiresAt: Date): Mail => ({
  to,
  subject: 'Confirm your address for Daytona',
  text: [
    `Somebody with the address ${to} asked for this mail on Daytona. Open this page to confirm that it is yours:`,
    link,
    `The link works once, until ${expiresAt.toUTCString()}.`,
    'If it was not you, ignore this mail: nothing happens.',
    '',
  ].join('\n\n'),
})
