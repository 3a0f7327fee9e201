import type { Language } from '@daytona-auth/accounts/language/language'
import { type AccountProblems, checkAccount } from '@daytona-auth/accounts/new-account'
import type { PasswordChecker } from '@daytona-auth/accounts/password-checker'
import type { PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import { type Database, normalizeEmail } from '@daytona-auth/db/core'
import { createUser, findRequiredProvider, type RequiredProvider } from '@daytona-auth/db/users'
import type { SignInLimits } from '../../limits/sign-in-limits.ts'
import { isStorable } from '../sign-in/sign-in.ts'
import type { NewAccount } from './verification.ts'

export interface SignUpAttempt {
  readonly name: string
  readonly email: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
}

export interface SignUpDependencies {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly checker: PasswordChecker
  readonly limits: SignInLimits
}

export type SignUpOutcome =
  | { readonly kind: 'signed-up'; readonly account: NewAccount }
  /** The organization of the address requires its identity provider. */
  | { readonly kind: 'required'; readonly provider: RequiredProvider }
  | { readonly kind: 'wrong'; readonly problems: AccountProblems }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/**
 * Creates an account with its personal organization. The attempt counts for its address before the input is checked.
 * Checking a password costs CPU, and the response may reveal that an e-mail address is taken.
 * @throws PasswordCheckOverloaded, HashingOverloaded
 */
export async function signUp(
  { database, hasher, checker, limits }: SignUpDependencies,
  attempt: SignUpAttempt,
): Promise<SignUpOutcome> {
  const retryAfterSeconds = await limits.signUp(attempt.address)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }

  // Decided by the domain, for an address with or without an account.
  const entered = normalizeEmail(attempt.email)
  const provider = isStorable(entered) ? await findRequiredProvider(database, entered) : undefined
  if (provider) return { kind: 'required', provider }

  const { account, problems } = await checkAccount(attempt, checker)
  if (!account) return { kind: 'wrong', problems }

  const { name, email, password } = account
  const passwordHash = await hasher.hash(password)
  const created = await createUser(
    database,
    { name, email, passwordHash, language: attempt.language },
    { ipAddress: attempt.address, userAgent: attempt.userAgent, source: 'provider' },
  )
  if (!created) return { kind: 'wrong', problems: { email: 'There is already an account with this address.' } }
  return { kind: 'signed-up', account: { ...created, email } }
}
