import { needsRehash, type PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import { MAX_PASSWORD_BYTES } from '@daytona-auth/accounts/passwords'
import {
  type Account,
  type AuditEntry,
  type Database,
  findAccountByEmail,
  inAudit,
  normalizeEmail,
  recordAudit,
  replacePasswordHash,
  type UserId,
} from '@daytona-auth/db'
import { StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import type { SignInLimits } from './limits.ts'

export interface SignInAttempt {
  readonly email: string
  readonly password: string
  /** The app that the person is on the way to. */
  readonly clientId: string
  readonly address: string
  readonly userAgent: string | null
}

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly userId: UserId }
  /** One answer for a wrong password, an unknown address and a disabled account. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

export interface SignInDependencies {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly limits: SignInLimits
  /** Takes work that must not keep the answer waiting. */
  readonly runAfterResponse: (work: () => Promise<unknown>) => void
}

/**
 * Checks an address and a password. Whether the account exists shows neither in the outcome nor in the time: the same
 * limits count, a password is hashed, and what is written of a failure is written after the answer.
 */
export async function signIn(
  { database, hasher, limits, runAfterResponse }: SignInDependencies,
  attempt: SignInAttempt,
): Promise<SignInOutcome> {
  const email = normalizeEmail(attempt.email)
  const slot = await limits.signIn(email, attempt.address)
  if (!slot.allowed) return { kind: 'too-many', retryAfterSeconds: slot.retryAfterSeconds }

  try {
    const account = isStorable(email) ? await findAccountByEmail(database, email) : undefined
    // Nobody has a longer password; hashing one would only cost more.
    const fits = Buffer.byteLength(attempt.password) <= MAX_PASSWORD_BYTES
    const matches = await hasher.verify(account?.passwordHash ?? undefined, fits ? attempt.password : '')
    if (!account?.passwordHash || !matches || account.disabledAt) {
      if (account) runAfterResponse(() => recordAudit(database, entry(account, attempt, 401)))
      return { kind: 'wrong' }
    }
    await recordSignIn(database, hasher, account, account.passwordHash, attempt)
    slot.succeeded()
    return { kind: 'signed-in', userId: account.userId }
  } catch (error) {
    if (error instanceof StepEnded) return { kind: 'wrong' }
    // A fault of ours says nothing about the password.
    slot.undecided()
    throw error
  }
}

/** A sign-in that cannot be recorded does not happen. @throws StepEnded when the user was disabled meanwhile */
async function recordSignIn(
  database: Database,
  hasher: PasswordHasher,
  account: Account,
  stored: string,
  attempt: SignInAttempt,
): Promise<void> {
  const anew = needsRehash(stored) ? await hasher.hash(attempt.password) : undefined
  await inAudit(
    database,
    stepAuthority('password', { userId: account.userId }),
    entry(account, attempt, 200),
    async (tx) => {
      if (anew !== undefined) await replacePasswordHash(tx, account.userId, stored, anew)
    },
  )
}

const entry = (account: Account, attempt: SignInAttempt, statusCode: 200 | 401): AuditEntry => ({
  organizationId: account.personalOrganizationId,
  actorId: statusCode === 200 ? account.userId : null,
  actorEmail: account.email,
  action: 'user.sign_in',
  targetType: 'user',
  targetId: account.userId,
  statusCode,
  ...(statusCode === 401 && { errorMessage: account.disabledAt ? 'User is disabled' : 'Wrong password' }),
  ipAddress: attempt.address,
  userAgent: attempt.userAgent,
  source: 'provider',
  metadata: { clientId: attempt.clientId },
})

/** PostgreSQL keeps neither NUL nor half a surrogate pair, so that no account has them. */
const isStorable = (text: string): boolean => text.length <= 320 && !text.includes('\0') && text.isWellFormed()
