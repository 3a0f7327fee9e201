import type { Mail } from '@daytona-auth/service'
import { composeMail } from './compose-mail.ts'

/** Creates the mail after a password was changed on the account pages. `now` in milliseconds since the epoch. */
export const passwordChangedMail = ({
  to,
  issuer,
  now,
}: {
  readonly to: string
  readonly issuer: string
  readonly now: number
}): Mail =>
  composeMail({
    kind: 'password-changed',
    reference: `${to} ${now}`,
    to,
    subject: 'Your Daytona password was changed',
    parts: [
      `The password of the account of ${to} on Daytona was changed on ${new Date(now).toUTCString()}. Every other session, app and device has to sign in again. API keys continue to work.`,
      'If you did not do this, someone else knows your password. Choose a new one now:',
      { label: 'Recover your account', href: `${issuer}/oauth/recovery` },
    ],
  })
