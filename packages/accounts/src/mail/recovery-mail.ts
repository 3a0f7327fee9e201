import type { Mail } from '@daytona-auth/service'
import { createSecretToken } from '../secret-token.ts'
import { composeMail, type MailPart } from './compose-mail.ts'
import type { MailTranslation } from './mail-translations.ts'
import type { TokenMail } from './verification-mail.ts'

const RECOVERY_MS = 30 * 60 * 1000
const KEY_REVOCATION_MS = 24 * 60 * 60 * 1000

interface Recipient {
  readonly to: string
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly translation: MailTranslation
}

/** Creates the mail whose link lets its reader choose a new password. */
export function recoveryMail({ to, issuer, now, translation }: Recipient): TokenMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + RECOVERY_MS)
  return {
    expiresAt,
    tokenDigest: digest,
    mail: composeMail({
      translation,
      kind: 'recovery',
      reference: digest,
      to,
      subject: 'Choose a new password for {brand}',
      parts: [
        {
          sentence:
            'Someone asked for a new password for the account of {to} on {brand}. To choose one, open this page:',
          values: { to },
        },
        { label: 'Choose a new password', href: `${issuer}/oauth/recovery/password?token=${token}` },
        { sentence: 'The link works once, until {time}.', values: { time: translation.time(expiresAt) } },
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
export function recoveredMail({ to, issuer, now, translation }: Recipient): RecoveredMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + KEY_REVOCATION_MS)
  const offer: MailPart[] = [
    { label: 'Revoke all API keys', href: `${issuer}/oauth/recovery/keys?token=${token}` },
    { sentence: 'The link works once, until {time}.', values: { time: translation.time(expiresAt) } },
  ]
  return {
    expiresAt,
    tokenDigest: digest,
    mailOf: ({ keys, hasLink }) =>
      composeMail({
        translation,
        kind: 'recovered',
        reference: digest,
        to,
        subject: 'Your {brand} password was changed',
        parts: [
          {
            sentence:
              'A new password was chosen for the account of {to} on {brand}, with a link that was mailed to this address. You are signed out everywhere, and all apps and devices have to sign in again. Passkeys sign in again after you have used them once with the new password.',
            values: { to },
          },
          keys === 0
            ? 'The account has no API keys.'
            : {
                sentence: hasLink
                  ? 'API keys continue to work: the account has {keys}. If someone else may know one, revoke them:'
                  : 'API keys continue to work: the account has {keys}. If someone else may know one, revoke them in the dashboard.',
                values: { keys },
              },
          ...(keys > 0 && hasLink ? offer : []),
          'If you did not choose a new password, someone else can read your mail: secure your mailbox first, then choose a new password again.',
        ],
      }),
  }
}

/** Creates the mail after the reader took over an account that someone else had created with the address. */
export const takenOverMail = ({
  to,
  userId,
  translation,
}: {
  readonly to: string
  readonly userId: string
  readonly translation: MailTranslation
}): Mail =>
  composeMail({
    translation,
    kind: 'taken-over',
    reference: userId,
    to,
    subject: 'Your new {brand} account',
    parts: [
      {
        sentence:
          'You have created an account on {brand} with the address {to}. An earlier account with this address, which was never confirmed, was deleted with its API keys, apps and organizations.',
        values: { to },
      },
      'If you did not do this, someone else can read your mail: secure your mailbox first, then choose a new password.',
    ],
  })
