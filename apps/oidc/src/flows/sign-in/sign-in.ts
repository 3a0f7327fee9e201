import type { Language } from '@daytona-auth/accounts/language/language'
import { needsRehash, type PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import { MAX_PASSWORD_BYTES } from '@daytona-auth/accounts/passwords'
import { type AuditEntry, auditEntry, inAudit, recordAudit } from '@daytona-auth/db/audit'
import { type Database, normalizeEmail, type UserId } from '@daytona-auth/db/core'
import {
  type Account,
  findAccountByEmail,
  findRequiredProvider,
  type Identity,
  isTrustedBrowser,
  isWithProvider,
  keepLanguage,
  type RequiredProvider,
  replacePasswordHash,
} from '@daytona-auth/db/users'
import { ACR, type Acr } from '@daytona-auth/protocol/authentication-context'
import type { SignInLimits } from '../../limits/sign-in-limits.ts'
import { StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import { mayEnroll } from './enrollment.ts'

export interface SignInAttempt {
  readonly email: string
  readonly password: string
  /** The app that the user signs in to. */
  readonly clientId: string
  readonly address: string
  /** The id of a browser in which the account has signed in before. */
  readonly knownBrowser?: string | undefined
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
  /** The digest of the cookie by which the browser is trusted, if that may replace the second factor. */
  readonly trustedBrowser?: Uint8Array | undefined
  /** The password only proves the account, for a mailed link: no organization requires another way for that. */
  readonly isProofOnly?: boolean
  /** The identity that the password proves the account for. */
  readonly identity?: Identity | undefined
}

export type SignInOutcome =
  | {
      readonly kind: 'signed-in'
      readonly userId: UserId
      readonly signInVersion: number
      readonly acr: Acr
      /** The stored hash, if the account may set up a second factor now. */
      readonly enrollment: { readonly passwordHash: string } | undefined
    }
  /** The password is right, and the account has a second factor. `passwordHash` is the stored hash. */
  | {
      readonly kind: 'second-factor'
      readonly userId: UserId
      readonly signInVersion: number
      readonly passwordHash: string
    }
  /** One outcome for a wrong password, an unknown address and a disabled account. */
  | { readonly kind: 'wrong' }
  /** The organization of the address requires its identity provider: also for an unknown address, with any password. */
  | { readonly kind: 'required'; readonly provider: RequiredProvider }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

export interface SignInDependencies {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly limits: SignInLimits
  /** Runs work after the response, so that it does not delay it. */
  readonly runAfterResponse: (work: () => Promise<unknown>) => void
}

/**
 * Checks an address and a password. Neither the outcome nor the time reveals whether the account exists. The same
 * limits apply, a password is hashed in either case, and a failure is recorded after the response.
 */
export async function signIn(
  { database, hasher, limits, runAfterResponse }: SignInDependencies,
  attempt: SignInAttempt,
): Promise<SignInOutcome> {
  const email = normalizeEmail(attempt.email)
  const slot = await limits.signIn(email, attempt.address, attempt.knownBrowser)
  if (!slot.allowed) return { kind: 'too-many', retryAfterSeconds: slot.retryAfterSeconds }

  try {
    const account = isStorable(email) ? await findAccountByEmail(database, email) : undefined
    // No account has a longer password; hashing one would only cost more.
    const fits = Buffer.byteLength(attempt.password) <= MAX_PASSWORD_BYTES
    const matches = await hasher.verify(account?.passwordHash ?? undefined, fits ? attempt.password : '')
    const required = attempt.isProofOnly || !isStorable(email) ? undefined : await findRequiredProvider(database, email)
    const isOther = required && !isWithProvider(required, attempt.identity)
    // Decided by the domain for every address and password, except the right one of an owner with a second factor.
    if (isOther && !(matches && required.isExempt)) {
      if (account) runAfterResponse(() => recordAudit(database, entry(account, attempt, 401, OTHER_PROVIDER)))
      return { kind: 'required', provider: required }
    }
    if (!account?.passwordHash || !matches || account.disabledAt) {
      if (account) runAfterResponse(() => recordAudit(database, entry(account, attempt, 401)))
      return { kind: 'wrong' }
    }
    const { userId, signInVersion } = account
    const isTrusted = account.hasSecondFactor && (await recordTrustedSignIn(database, account, attempt))
    if (account.hasSecondFactor && !isTrusted) {
      const passwordHash = await rehash(database, hasher, userId, account.passwordHash, attempt.password)
      slot.succeeded()
      return { kind: 'second-factor', userId, signInVersion, passwordHash }
    }
    if (isTrusted) {
      slot.succeeded()
      return { kind: 'signed-in', userId, signInVersion, acr: ACR.trustedBrowser, enrollment: undefined }
    }
    const passwordHash = await recordSignIn(database, hasher, account, account.passwordHash, attempt)
    slot.succeeded()
    const enrollment = mayEnroll(account) ? { passwordHash } : undefined
    return { kind: 'signed-in', userId, signInVersion, acr: ACR.password, enrollment }
  } catch (error) {
    if (error instanceof StepEnded) return { kind: 'wrong' }
    // A server error does not show whether the password was right.
    slot.undecided()
    throw error
  }
}

/** Records a sign-in; without the record it fails. Returns the stored hash. @throws StepEnded if the user was disabled concurrently */
async function recordSignIn(
  database: Database,
  hasher: PasswordHasher,
  account: Account,
  stored: string,
  attempt: SignInAttempt,
): Promise<string> {
  const rehashed = needsRehash(stored) ? await hasher.hash(attempt.password) : undefined
  await inAudit(
    database,
    stepAuthority('password', { userId: account.userId }),
    entry(account, attempt, 200),
    async (tx) => {
      await keepLanguage(tx, account, attempt.language)
      if (rehashed !== undefined) await replacePasswordHash(tx, account.userId, stored, rehashed)
    },
  )
  return rehashed ?? stored
}

/**
 * Records a sign-in in a browser that the account trusts. Returns false if it does not, or the password was changed: a change
 * ends the trust.
 */
async function recordTrustedSignIn(database: Database, account: Account, attempt: SignInAttempt): Promise<boolean> {
  const { trustedBrowser } = attempt
  if (trustedBrowser === undefined) return false
  const { userId } = account
  return inAudit<boolean>(
    database,
    stepAuthority('password', { userId }),
    (isTrusted) => (isTrusted ? entry(account, attempt, 200, 'trusted-browser') : []),
    async (tx) => {
      const isTrusted = await isTrustedBrowser(tx, userId, trustedBrowser)
      if (isTrusted) await keepLanguage(tx, account, attempt.language)
      return isTrusted
    },
  )
}

/** Hashes the password of an account with the current parameters, if it was hashed with others. Returns the stored hash. */
async function rehash(
  database: Database,
  hasher: PasswordHasher,
  userId: UserId,
  stored: string,
  password: string,
): Promise<string> {
  if (!needsRehash(stored)) return stored
  const passwordHash = await hasher.hash(password)
  const isReplaced = await inAudit<boolean>(
    database,
    stepAuthority('password', { userId }),
    () => [],
    (tx) => replacePasswordHash(tx, userId, stored, passwordHash),
  )
  return isReplaced ? passwordHash : stored
}

/** Why a sign-in is denied to a person who may have proven the account. */
export const OTHER_PROVIDER = 'The organization of the address requires its identity provider'

const entry = (account: Account, attempt: SignInAttempt, statusCode: 200 | 401, detail?: string): AuditEntry =>
  auditEntry('user.sign_in', {
    organizationId: account.personalOrganizationId,
    actorId: statusCode === 200 ? account.userId : null,
    actorEmail: account.email,
    targetId: account.userId,
    statusCode,
    ...(statusCode === 401 && { errorMessage: detail ?? (account.disabledAt ? 'User is disabled' : 'Wrong password') }),
    ipAddress: attempt.address,
    userAgent: attempt.userAgent,
    source: 'provider',
    metadata: { clientId: attempt.clientId, ...(statusCode === 200 && detail !== undefined && { factor: detail }) },
  })

/** PostgreSQL stores neither NUL nor a lone surrogate, so no account has them. */
export const isStorable = (text: string): boolean => text.length <= 320 && !text.includes('\0') && text.isWellFormed()
