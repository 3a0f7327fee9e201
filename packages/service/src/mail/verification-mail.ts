import { hash, randomBytes } from 'node:crypto'
import type { Mail } from './mailer.ts'

const TOKEN_BYTES = 32

const TTL_MS = 24 * 60 * 60 * 1000

/** A mail with a new token in it, and what is to be remembered of that. */
export interface VerificationMail {
  readonly mail: Mail
  readonly tokenDigest: Uint8Array
  readonly expiresAt: Date
}

/** The mail that lets whoever reads it confirm that the address `to` is theirs. `now` in milliseconds since the epoch. */
export function verificationMail({ to, issuer, now }: { to: string; issuer: string; now: number }): VerificationMail {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const expiresAt = new Date(now + TTL_MS)
  return {
    expiresAt,
    // 256 random bits: one round of SHA-256 is enough, as for API keys.
    tokenDigest: hash('sha256', token, 'buffer'),
    mail: {
      to,
      subject: 'Confirm your address for Daytona',
      text: [
        `Somebody with the address ${to} asked for this mail on Daytona. Open this page to confirm that it is yours:`,
        `${issuer}/oauth/verify-email?token=${token}`,
        `The link works once, until ${expiresAt.toUTCString()}.`,
        'If it was not you, ignore this mail: nothing happens.',
        '',
      ].join('\n\n'),
    },
  }
}
