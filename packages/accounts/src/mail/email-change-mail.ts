import type { Mail } from '@daytona-auth/service'
import { createSecretToken } from '../secret-token.ts'
import { composeMail } from './compose-mail.ts'
import type { MailTranslation } from './mail-translations.ts'
import type { TokenMail } from './verification-mail.ts'

const EMAIL_CHANGE_MS = 30 * 60 * 1000

interface Change {
  /** The current address. */
  readonly current: string
  readonly next: string
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly translation: MailTranslation
}

/** The two mails of a change of the address. */
export interface EmailChangeMails {
  /** To the current address: its link approves or cancels the change. */
  readonly current: TokenMail
  /** To the new address: its link confirms that the address is the reader's. It does not name the current address. */
  readonly next: TokenMail
}

/** Creates the mails that let both addresses confirm a change of the address. */
export function emailChangeMails({ current, next, issuer, now, translation }: Change): EmailChangeMails {
  const [approval, confirmation] = [createSecretToken(), createSecretToken()]
  const expiresAt = new Date(now + EMAIL_CHANGE_MS)
  return {
    current: {
      expiresAt,
      tokenDigest: approval.digest,
      mail: composeMail({
        translation,
        kind: 'email-change-current',
        reference: approval.digest,
        to: current,
        subject: 'Approve the new address of your {brand} account',
        parts: [
          {
            sentence:
              'Someone who is signed in to the account of {current} on {brand} asked to change its address to {next}. To approve or to cancel that, open this page:',
            values: { current, next },
          },
          { label: 'Approve or cancel', href: `${issuer}/oauth/email-change/current?token=${approval.token}` },
          {
            sentence: 'The link works once, until {time}. The new address has to confirm as well.',
            values: { time: translation.time(expiresAt) },
          },
          'If you did not ask for this, cancel it with the link, then choose a new password: someone else is signed in to your account.',
        ],
      }),
    },
    next: {
      expiresAt,
      tokenDigest: confirmation.digest,
      mail: composeMail({
        translation,
        kind: 'email-change-new',
        reference: confirmation.digest,
        to: next,
        subject: 'Confirm your new address for {brand}',
        parts: [
          {
            sentence:
              'Someone asked to use {next} as the address of an account on {brand}. To confirm that, open this page:',
            values: { next },
          },
          { label: 'Confirm the address', href: `${issuer}/oauth/email-change/new?token=${confirmation.token}` },
          { sentence: 'The link works once, until {time}.', values: { time: translation.time(expiresAt) } },
          'If you did not ask for this, ignore this mail. Nothing happens.',
        ],
      }),
    },
  }
}

/** Creates the mail to a new address that has an account already, instead of one with a link to confirm it. */
export const emailTakenMail = ({ next, issuer, now, translation }: Omit<Change, 'current'>): Mail =>
  composeMail({
    translation,
    kind: 'email-taken',
    reference: `${next} ${now}`,
    to: next,
    subject: 'Your address has a {brand} account',
    parts: [
      {
        sentence:
          'Someone asked to use {next} as the address of another account on {brand}. That is not possible, because {next} has an account already. Nothing was changed.',
        values: { next },
      },
      'If that was you, sign in to the account of this address, and delete it or give it another address first. If you do not know its password, choose a new one:',
      { label: 'Recover the account', href: `${issuer}/oauth/recovery` },
      'If you did not ask for this, ignore this mail.',
    ],
  })

/** Creates the mail after the address of an account was changed; `to` is one of the two. */
export const emailChangedMail = ({
  to,
  current,
  next,
  issuer,
  now,
  translation,
}: Change & { readonly to: string }): Mail =>
  composeMail({
    translation,
    kind: 'email-changed',
    reference: `${to} ${now}`,
    to,
    subject: 'The address of your {brand} account was changed',
    parts: [
      {
        sentence:
          'The address of the account of {current} on {brand} was changed to {next} on {time}. You sign in with {next} now.',
        values: { current, next, time: translation.time(new Date(now)) },
      },
      'If you did not do this, someone else can read your mail. Secure your mailbox first, then ask the operator of this service for help.',
      { label: 'Open your account', href: `${issuer}/oauth/account` },
    ],
  })
