import type { Mail } from '@daytona-auth/service'
import { createSecretToken } from '../secret-token.ts'
import { composeMail } from './compose-mail.ts'
import type { MailTranslation } from './mail-translations.ts'

const TTL_MS = 24 * 60 * 60 * 1000

/** A mail with a new token, and the digest and expiry to store for it. */
export interface TokenMail {
  readonly mail: Mail
  readonly tokenDigest: Uint8Array
  readonly expiresAt: Date
}

/** Creates the mail whose link confirms that the address `to` is the reader's. `now` is in milliseconds since the epoch. */
export function verificationMail({
  to,
  issuer,
  now,
  translation,
}: {
  readonly to: string
  readonly issuer: string
  readonly now: number
  readonly translation: MailTranslation
}): TokenMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + TTL_MS)
  return {
    expiresAt,
    tokenDigest: digest,
    mail: composeMail({
      translation,
      kind: 'verification',
      reference: digest,
      to,
      subject: 'Confirm your address for {brand}',
      parts: [
        { sentence: 'To confirm that {to} is your address on {brand}, open this page:', values: { to } },
        { label: 'Confirm the address', href: `${issuer}/oauth/verify-email?token=${token}` },
        { sentence: 'The link works once, until {time}.', values: { time: translation.time(expiresAt) } },
        'If you did not ask for this mail, ignore it. Nothing happens. If someone else created an account with your address, the page lets you take it over.',
      ],
    }),
  }
}
