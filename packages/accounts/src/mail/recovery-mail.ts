import type { Mail } from '@daytona-auth/service'
import { createSecretToken } from '../secret-token.ts'
import { composeMail, type MailPart } from './compose-mail.ts'
import type { TokenMail } from './verification-mail.ts'

const RECOVERY_MS = 30 * 60 * 1000
const KEY_REVOCATION_MS = 24 * 60 * 60 * 1000

interface Recipient {
  readonly to: string
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Creates the mail whose link lets its reader choose a new password. */
export function recoveryMail({ to, issuer, now }: Recipient): TokenMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + RECOVERY_MS)
  return {
    expiresAt,
    tokenDigest: digest,
    mail: composeMail({
      kind: 'recovery',
      reference: digest,
      to,
      subject: 'Choose a new password for Daytona',
      parts: [
        `Someone asked for a new password for the account of ${to} on Daytona. To choose one, open this page:`,
        { label: 'Choose a new password', href: `${issuer}/oauth/recovery/password?token=${token}` },
        `The link works once, until ${expiresAt.toUTCString()}.`,
        'If you did not ask for this mail, ignore it. Your password stays as it is.',
      ],
    }),
  }
}

/** The mail after a new password was chosen. It is written once it is known how many keys there are. */
export interface RecoveredMail extends Omit<TokenMail, 'mail'> {
  /** `hasLink`: whether the token was stored. */
  mailOf(access: { readonly keys: number; readonly hasLink: boolean }): Mail
}

/**
 * Creates the mail after a new password was chosen with a mailed link. API keys continue to work; its link revokes them.
 */
export function recoveredMail({ to, issuer, now }: Recipient): RecoveredMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + KEY_REVOCATION_MS)
  const offer: MailPart[] = [
    { label: 'Revoke all API keys', href: `${issuer}/oauth/recovery/keys?token=${token}` },
    `The link works once, until ${expiresAt.toUTCString()}.`,
  ]
  return {
    expiresAt,
    tokenDigest: digest,
    mailOf: ({ keys, hasLink }) =>
      composeMail({
        kind: 'recovered',
        reference: digest,
        to,
        subject: 'Your Daytona password was changed',
        parts: [
          `A new password was chosen for the account of ${to} on Daytona, with a link that was mailed to this address. You are signed out everywhere, passkeys were removed, and all apps and devices have to sign in again.`,
          keys === 0
            ? 'The account has no API keys.'
            : `API keys continue to work: the account has ${keys}. If someone else may know one, revoke them${hasLink ? ':' : ' in the dashboard.'}`,
          ...(keys > 0 && hasLink ? offer : []),
          'If you did not choose a new password, someone else can read your mail: secure your mailbox first, then choose a new password again.',
        ],
      }),
  }
}

/** Creates the mail after the reader took over an account that someone else had created with the address. */
export const takenOverMail = ({ to, userId }: { readonly to: string; readonly userId: string }): Mail =>
  composeMail({
    kind: 'taken-over',
    reference: userId,
    to,
    subject: 'Your new Daytona account',
    parts: [
      `You have created an account on Daytona with the address ${to}. An earlier account with this address, which was never confirmed, was deleted with its API keys, apps and organizations.`,
      'If you did not do this, someone else can read your mail: secure your mailbox first, then choose a new password.',
    ],
  })
