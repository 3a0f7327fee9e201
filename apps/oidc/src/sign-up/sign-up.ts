import { createUser, type Database, normalizeEmail } from '@daytona-auth/db'
import type { PasswordHasher } from '../sign-in/hashing.ts'
import type { SignInLimits } from '../sign-in/limits.ts'
import { passwordProblem } from '../sign-in/passwords.ts'
import type { NewAccount } from './verification.ts'

export interface SignUpAttempt {
  readonly name: string
  readonly email: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
}

/** What is wrong, by field, in words for the person. */
export type SignUpProblems = Readonly<Partial<Record<'name' | 'email' | 'password', string>>>

export type SignUpOutcome =
  | { readonly kind: 'signed-up'; readonly account: NewAccount }
  | { readonly kind: 'wrong'; readonly problems: SignUpProblems }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/**
 * Creates an account with its personal organization. It may say that an address is taken, which lets a stranger ask
 * for accounts: so what reaches the database is limited for each address that it comes from.
 */
export async function signUp(
  { database, hasher, limits }: { database: Database; hasher: PasswordHasher; limits: SignInLimits },
  attempt: SignUpAttempt,
): Promise<SignUpOutcome> {
  const name = attempt.name.trim().normalize('NFC')
  const email = normalizeEmail(attempt.email)
  const problems = problemsOf({ name, email, password: attempt.password })
  if (Object.keys(problems).length > 0) return { kind: 'wrong', problems }

  const retryAfterSeconds = await limits.signUp(attempt.address)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }

  const passwordHash = await hasher.hash(attempt.password)
  const created = await createUser(
    database,
    { name, email, passwordHash },
    { ipAddress: attempt.address, userAgent: attempt.userAgent, source: 'provider' },
  )
  if (!created) return { kind: 'wrong', problems: { email: 'There is already an account with this address.' } }
  return { kind: 'signed-up', account: { ...created, email } }
}

/** What is wrong with normalised input; empty if nothing is. */
export function problemsOf(person: { name: string; email: string; password: string }): SignUpProblems {
  const password = passwordProblem(person.password, person)
  return {
    ...(!isName(person.name) && { name: 'Enter your name, in at most 128 characters.' }),
    ...(!isEmail(person.email) && { email: 'Enter an email address, like name@example.com.' }),
    ...(password !== undefined && { password }),
  }
}

/** Control and format characters could hide or reorder what others see of the name. */
const isName = (name: string): boolean =>
  name !== '' && [...name].length <= 128 && name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name)

/**
 * RFC 5321 §4.5.3.1 for the lengths. Whether mail arrives there is for a mail to find out; this keeps out what cannot
 * be an address and what would look like another one.
 */
const isEmail = (email: string): boolean =>
  Buffer.byteLength(email) <= 254 &&
  email.isWellFormed() &&
  /^[^\s@"<>()[\]\\,;:\p{Cc}\p{Cf}]{1,64}@[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)*$/u.test(email)
