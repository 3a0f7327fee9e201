import type { Mail } from '@daytona-auth/service'
import { createSecretToken } from '../secret-token.ts'
import { composeMail } from './compose-mail.ts'

const TTL_MS = 24 * 60 * 60 * 1000

/** A mail with a new token, and the digest and expiry to store for it. */
export interface TokenMail {
  readonly mail: Mail
  readonly tokenDigest: Uint8Array
  readonly expiresAt: Date
}

/** Creates the mail whose link confirms that the address `to` is the reader's. `now` in milliseconds since the epoch. */
export function verificationMail({ to, issuer, now }: { to: string; issuer: string; now: number }): TokenMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + TTL_MS)
  return {
    expiresAt,
    tokenDigest: digest,
    mail: composeMail({
      kind: 'verification',
      reference: digest,
      to,
      subject: 'Confirm your address for Daytona',
      parts: [
        `To confirm that ${to} is your address on Daytona, open this page:`,
        { label: 'Confirm the address', href: `${issuer}/oauth/verify-email?token=${token}` },
        `The link works once, until ${expiresAt.toUTCString()}.`,
        'If you did not ask for this mail, ignore it. Nothing happens. If someone else created an account with your address, the page lets you take it over.',
      ],
    }),
  }
}
