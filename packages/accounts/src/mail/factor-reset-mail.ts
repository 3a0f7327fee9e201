import type { Mail } from '@daytona-auth/service'
import { createSecretToken } from '../secret-token.ts'
import { composeMail, type MailPart } from './compose-mail.ts'
import type { MailTranslation } from './mail-translations.ts'
import type { TokenMail } from './verification-mail.ts'

const REQUEST_MS = 30 * 60 * 1000

/** A mail about the account of `email`, to one of its addresses. Instants in milliseconds since the epoch. */
interface Notice {
  readonly to: string
  readonly email: string
  readonly issuer: string
  readonly now: number
  readonly translation: MailTranslation
}

const SECURE_MAILBOX: MailPart =
  'If you did not ask for this, someone else can read your mail: secure your mailbox first, then choose a new password.'

/** Creates the mail whose link starts the waiting time before lost second factors are removed. */
export function factorResetMail({ to, issuer, now, translation }: Omit<Notice, 'email'>): TokenMail {
  const { token, digest } = createSecretToken()
  const expiresAt = new Date(now + REQUEST_MS)
  return {
    expiresAt,
    tokenDigest: digest,
    mail: composeMail({
      translation,
      kind: 'factor-reset',
      reference: digest,
      to,
      subject: 'Remove lost second factors from your {brand} account',
      parts: [
        {
          sentence:
            'Someone asked to remove the authenticator app, the recovery codes and the passkeys of the account of {to} on {brand}, because they are lost. To start the waiting time, open this page:',
          values: { to },
        },
        { label: 'Remove the second factors', href: `${issuer}/oauth/recovery/factors/start?token=${token}` },
        { sentence: 'The link works once, until {time}.', values: { time: translation.time(expiresAt) } },
        'If you did not ask for this mail, ignore it. Nothing changes.',
      ],
    }),
  }
}

/** Creates the mail that announces the removal, or reminds of it before its time. Its link cancels the removal. */
export function factorResetNotice(
  stage: 'announcement' | 'reminder',
  { to, email, issuer, endsAt, translation }: Omit<Notice, 'now'> & { readonly endsAt: Date },
): Omit<TokenMail, 'expiresAt'> {
  const { token, digest } = createSecretToken()
  return {
    tokenDigest: digest,
    mail: composeMail({
      translation,
      kind: `factor-reset-${stage}`,
      reference: digest,
      to,
      subject:
        stage === 'announcement'
          ? 'Second factors of your {brand} account will be removed'
          : 'Reminder: second factors of your {brand} account will be removed',
      parts: [
        {
          sentence:
            'The authenticator app, the recovery codes and the passkeys of the account of {email} on {brand} will be removed on {time}. Signing in then needs only the password.',
          values: { email, time: translation.time(endsAt) },
        },
        'If you did not ask for this, or have found your device, cancel it:',
        { label: 'Cancel the removal', href: `${issuer}/oauth/recovery/factors/cancel?token=${token}` },
        'Signing in with a second factor cancels it, too.',
        SECURE_MAILBOX,
      ],
    }),
  }
}

/** Creates the mail after lost second factors were removed. */
export const factorsRemovedMail = ({ to, email, issuer, now, translation }: Notice): Mail =>
  composeMail({
    translation,
    kind: 'factors-removed',
    reference: `${to} ${now}`,
    to,
    subject: 'Second factors of your {brand} account were removed',
    parts: [
      {
        sentence:
          'The waiting time is over: the authenticator app, the recovery codes and the passkeys of the account of {email} on {brand} were removed on {time}. You are signed out everywhere. Sign in with your password, and set up a second factor again.',
        values: { email, time: translation.time(new Date(now)) },
      },
      { label: 'Two-step sign-in', href: `${issuer}/oauth/account/factors` },
      SECURE_MAILBOX,
    ],
  })
