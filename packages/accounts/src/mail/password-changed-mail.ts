import type { Mail } from '@daytona-auth/service'
import { composeMail } from './compose-mail.ts'
import type { MailTranslation } from './mail-translations.ts'

/** Creates the mail after a password was changed on the account pages. `now` is in milliseconds since the epoch. */
export const passwordChangedMail = ({
  to,
  issuer,
  now,
  translation,
}: {
  readonly to: string
  readonly issuer: string
  readonly now: number
  readonly translation: MailTranslation
}): Mail =>
  composeMail({
    translation,
    kind: 'password-changed',
    reference: `${to} ${now}`,
    to,
    subject: 'Your {brand} password was changed',
    parts: [
      {
        sentence:
          'The password of the account of {to} on {brand} was changed on {time}. Every other session, app and device has to sign in again. API keys continue to work.',
        values: { to, time: translation.time(new Date(now)) },
      },
      'If you did not do this, someone else knows your password. Choose a new one now:',
      { label: 'Recover your account', href: `${issuer}/oauth/recovery` },
    ],
  })
