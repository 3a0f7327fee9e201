import type { PasswordHasher } from '@daytona-auth/auth/hashing'
import { type AccountProblems, accountProblems, normalizeName } from '@daytona-auth/auth/new-account'
import { createUser, type Database, normalizeEmail } from '@daytona-auth/db'
import type { SignInLimits } from '../sign-in/limits.ts'
import type { NewAccount } from './verification.ts'

export interface SignUpAttempt {
  readonly name: string
  readonly email: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
}

export type SignUpOutcome =
  | { readonly kind: 'signed-up'; readonly account: NewAccount }
  | { readonly kind: 'wrong'; readonly problems: AccountProblems }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/**
 * Creates an account with its personal organization. It may say that an address is taken, which lets a stranger ask
 * for accounts: so what reaches the database is limited for each address that it comes from.
 */
export async function signUp(
  { database, hasher, limits }: { database: Database; hasher: PasswordHasher; limits: SignInLimits },
  attempt: SignUpAttempt,
): Promise<SignUpOutcome> {
  const name = normalizeName(attempt.name)
  const email = normalizeEmail(attempt.email)
  const problems = accountProblems({ name, email, password: attempt.password })
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
