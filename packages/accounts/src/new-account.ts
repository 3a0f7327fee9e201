import { normalizeEmail } from '@daytona-auth/db/core'
import { FORBIDDEN_IN_NAMES, MAX_NAME_CHARS } from '@daytona-auth/protocol/names'
import { isEmailAddress, MAX_EMAIL_BYTES } from './email-address.ts'
import { GivenName } from './given-name.ts'
import type { AccountSentence } from './language/german.ts'
import type { PasswordChecker } from './password-checker.ts'

/** The problems by field, as shown to the person. */
export type AccountProblems = Readonly<Partial<Record<'name' | 'email' | 'password', AccountSentence>>>

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
  if (name.success && email !== undefined && isEmailAddress(email) && password === undefined) {
    return { account: { name: name.data, email, password: given.password } }
  }
  return {
    problems: {
      ...(!name.success && {
        name: FORBIDDEN_IN_NAMES.test(given.name.slice(0, MAX_NAME_CHARS).trim()) ? NAME_CHARACTERS : NAME,
      }),
      ...((email === undefined || !isEmailAddress(email)) && { email: EMAIL }),
      ...(password !== undefined && { password }),
    },
  }
}
