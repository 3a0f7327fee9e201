import { normalizeEmail } from '@daytona-auth/db/core'
import { FORBIDDEN_IN_NAMES, GivenName } from './given-name.ts'
import type { PasswordChecker } from './password-checker.ts'

/** The problems by field, as shown to the person. */
export type AccountProblems = Readonly<Partial<Record<'name' | 'email' | 'password', string>>>

/** An account as a person enters it. */
export interface GivenAccount {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** The normalized account as it is stored, or all problems. */
export type CheckedAccount =
  | { readonly problems: AccountProblems; readonly account?: undefined }
  | { readonly problems?: undefined; readonly account: GivenAccount }

/** RFC 5321 §4.5.3.1.3, without the angle brackets. An address never has more code units than bytes. */
const MAX_EMAIL_BYTES = 254

const NAME = 'Enter your name, in at most 128 characters.'
const NAME_CHARACTERS = 'Your name must not have control, invisible or text direction characters.'
const EMAIL = 'Enter an email address, like name@example.com.'

/**
 * Checks an account as entered, lengths first, and normalizes it as it is stored. The caller counts the attempt before,
 * because checking a password costs up to seconds of CPU in a worker.
 * @throws PasswordCheckOverloaded
 */
export async function checkAccount(
  given: GivenAccount,
  checker: Pick<PasswordChecker, 'problemOf'>,
): Promise<CheckedAccount> {
  const name = GivenName.safeParse(given.name)
  const email = given.email.length > MAX_EMAIL_BYTES ? undefined : normalizeEmail(given.email)
  const owner = { name: name.data ?? '', email: email ?? '' }
  const password = await checker.problemOf(given.password, owner)
  if (name.success && email !== undefined && isEmail(email) && password === undefined) {
    return { account: { name: name.data, email, password: given.password } }
  }
  return {
    problems: {
      ...(!name.success && { name: hasForbidden(given.name) ? NAME_CHARACTERS : NAME }),
      ...((email === undefined || !isEmail(email)) && { email: EMAIL }),
      ...(password !== undefined && { password }),
    },
  }
}

const hasForbidden = (name: string): boolean => FORBIDDEN_IN_NAMES.test(name.slice(0, 128).trim())

/**
 * Whether the text has the form of an address, with the lengths of RFC 5321 §4.5.3.1. Excludes addresses that would look
 * like another one. Only a mail shows whether mail arrives.
 */
const isEmail = (email: string): boolean =>
  Buffer.byteLength(email) <= MAX_EMAIL_BYTES &&
  email.isWellFormed() &&
  /^[^\s@"<>()[\]\\,;:\p{Cc}\p{Cf}]{1,64}@[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)*$/u.test(email)
