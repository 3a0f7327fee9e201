import type { Mail } from '@daytona-auth/service'
import type { AccountSentence } from '../language/german.ts'
import type { Message } from '../language/message.ts'
import { composeMail } from './compose-mail.ts'
import type { MailTranslation } from './mail-translations.ts'

/** What was done with the second factors of an account. */
export type FactorEvent = keyof typeof EVENTS

/** `remaining`: the number of recovery codes that are left. */
interface Facts {
  readonly remaining?: number
}

const EVENTS = {
  'totp-added': () => ({
    subject: 'Two-step sign-in is on for your {brand} account',
    what: 'Signing in now needs a code of an authenticator app besides your password. Every other session, app and device has to sign in again. Keep the recovery codes in a safe place.',
  }),
  'totp-removed': () => ({
    subject: 'The authenticator app was removed from your {brand} account',
    what: 'The authenticator app was removed. If you have no passkey, the recovery codes were removed too, and signing in needs only your password now. Every other session, app and device has to sign in again.',
  }),
  'recovery-codes-created': () => ({
    subject: 'New recovery codes for your {brand} account',
    what: 'New recovery codes were created. The earlier ones do not work any more.',
  }),
  'passkey-added': () => ({
    subject: 'A passkey was added to your {brand} account',
    what: 'It signs in without your password. Signing in with the password needs it, or another second factor. If it is your first second factor, every other session, app and device has to sign in again.',
  }),
  'passkey-removed': () => ({
    subject: 'A passkey was removed from your {brand} account',
    what: 'It does not sign in any more. Every other session, app and device has to sign in again.',
  }),
  'browser-trusted': () => ({
    subject: 'A browser was trusted by your {brand} account',
    what: 'For 30 days, signing in there needs only your password. You can end that on the page below.',
  }),
  'recovery-code-used': ({ remaining = 0 }: Facts) => ({
    subject: 'A recovery code was used to sign in to your {brand} account',
    what: {
      sentence:
        'Someone signed in with your password and a recovery code. {remaining, plural, =0 {No recovery code is left: create new ones on the page below.} one {One recovery code is left.} other {# recovery codes are left.}}',
      values: { remaining },
    },
  }),
} satisfies Record<
  string,
  (facts: Facts) => { readonly subject: AccountSentence; readonly what: Message<AccountSentence> }
>

/** Creates the mail after a change or a use of the second factors of an account. `now` is in milliseconds since the epoch. */
export function secondFactorMail(
  event: FactorEvent,
  {
    to,
    issuer,
    now,
    translation,
    ...facts
  }: Facts & {
    readonly to: string
    readonly issuer: string
    readonly now: number
    readonly translation: MailTranslation
  },
): Mail {
  const { subject, what } = EVENTS[event](facts)
  return composeMail({
    translation,
    kind: event,
    reference: `${to} ${now}`,
    to,
    subject,
    parts: [
      {
        sentence: 'This concerns the account of {to} on {brand}, on {time}.',
        values: { to, time: translation.time(new Date(now)) },
      },
      what,
      { label: 'Two-step sign-in', href: `${issuer}/oauth/account/factors` },
      'If you did not do this, someone else knows your password. Choose a new one:',
      { label: 'Recover your account', href: `${issuer}/oauth/recovery` },
    ],
  })
}
