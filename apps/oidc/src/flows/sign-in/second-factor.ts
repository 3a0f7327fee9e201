import type { Language } from '@daytona-auth/accounts/language/language'
import { readRecoveryCode, recoveryCodeDigest } from '@daytona-auth/accounts/recovery-codes'
import { readTotpCode, totpStepOf } from '@daytona-auth/accounts/totp'
import { type AuditedTx, auditEntry, inAudit, recordAudit } from '@daytona-auth/db/audit'
import type { Database, UserId } from '@daytona-auth/db/core'
import { type ProvisioningOutcome, provisioningEntries, provisionMember } from '@daytona-auth/db/organizations'
import {
  type Account,
  acceptTotpStep,
  cancelFactorReset,
  countSecondFactorAttempt,
  findAccountById,
  findPasskey,
  findSecondFactors,
  insertTrustedBrowser,
  keepLanguage,
  recordPasskeyUse,
  redeemRecoveryCode,
  resetSecondFactorAttempts,
  useIdentity,
} from '@daytona-auth/db/users'
import type { Amr } from '@daytona-auth/protocol/authentication-context'
import type { TotpSecrets } from '@daytona-auth/signing-keys/totp-secrets'
import { actorOf } from '../interaction/change-origin.ts'
import type { OpenTicket } from '../interaction/sign-in-ticket.ts'
import { StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import { TRUSTED_MS } from '../interaction/trusted-cookie.ts'
import { passkeyMethods } from '../second-factor/turn-on.ts'
import type { RelyingParty } from '../webauthn/relying-party.ts'
import { cancelledResetEntry } from './cancelled-reset-entry.ts'

export interface SecondFactorAttempt {
  readonly ticket: OpenTicket
  /** A code of the authenticator app, or a recovery code; or else the response of a passkey, as JSON. */
  readonly code: string
  readonly passkey?: { readonly response: string; readonly purpose: string } | undefined
  /** The digest of the cookie of a browser to trust. */
  readonly trustedDigest?: Uint8Array | undefined
  /** The app that the user signs in to. */
  readonly clientId: string
  readonly address: string
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
}

export type SecondFactorOutcome =
  | {
      readonly kind: 'signed-in'
      readonly account: Account
      /** Without `pwd`, which the first step decides. */
      readonly methods: readonly Amr[]
      /** After a recovery code: the number of those that are left. */
      readonly remaining?: number | undefined
    }
  | { readonly kind: 'wrong' }
  /** The password was changed, sign-ins were ended, or the account was disabled or deleted. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

export interface SecondFactorDependencies {
  readonly database: Database
  readonly totpSecrets: TotpSecrets
  readonly relyingParty: Pick<RelyingParty, 'credentialIdOf' | 'verifySecondFactor'>
  readonly attempts: { readonly limit: number; readonly windowMs: number }
  /** Runs work after the response, so that it does not delay it. */
  readonly runAfterResponse: (work: () => Promise<unknown>) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What was entered, and the change that accepts it: undefined if it was used before, or is none of the account. */
interface Accepted {
  readonly factor: 'totp' | 'recovery-code' | 'passkey'
  readonly methods: readonly Amr[]
  readonly remaining?: number
  /** Whether a removal of the second factors was pending: they are not lost. */
  readonly hasCancelledReset?: boolean
  /** What the identity provider of an organization changed in it. */
  readonly provisioned?: ProvisioningOutcome | undefined
}

const OTP: readonly Amr[] = ['otp', 'mfa']

type Accept = (tx: AuditedTx) => Promise<Accepted | undefined>

/**
 * Checks the second factor of a sign-in whose first step was right. An attempt counts for the account before it is checked. A
 * code is accepted once, in the transaction that records the sign-in and confirms that the password is still the same.
 */
export async function verifySecondFactor(
  dependencies: SecondFactorDependencies,
  attempt: SecondFactorAttempt,
): Promise<SecondFactorOutcome> {
  const { database, attempts, runAfterResponse } = dependencies
  const { ticket } = attempt
  const { userId } = ticket
  const account = await findAccountById(database, userId)
  if (!account || account.disabledAt || !ticket.isOf(account)) return { kind: 'ended' }
  const retryAfterSeconds = await countSecondFactorAttempt(database, userId, attempts)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }

  const accept = await readAttempt(dependencies, userId, attempt)
  const accepted = accept && (await recordSecondFactor(dependencies, account, attempt, accept))
  if (accepted === 'ended') return { kind: 'ended' }
  if (accepted) return { kind: 'signed-in', account, methods: accepted.methods, remaining: accepted.remaining }
  runAfterResponse(() => recordAudit(database, entryOf(account, attempt, undefined)))
  return { kind: 'wrong' }
}

/** Returns the change that accepts a code; undefined for a wrong one. */
async function readAttempt(
  dependencies: SecondFactorDependencies,
  userId: UserId,
  { code: given, passkey }: SecondFactorAttempt,
): Promise<Accept | undefined> {
  const { database, totpSecrets, now } = dependencies
  if (passkey) return readPasskey(dependencies, userId, passkey)
  const code = readTotpCode(given)
  if (code !== undefined) {
    const { totp } = await findSecondFactors(database, userId)
    const opened = totp && (await totpSecrets.decrypt(userId, totp.secret))
    // Without the key, no code can be checked: a fault of the deployment, not a wrong code.
    if (totp && !opened) throw new Error('no secret of SIGNING_KEYS_SECRET decrypts an authenticator app')
    const step = opened ? totpStepOf(opened.secret, code, now()) : undefined
    if (!totp || step === undefined) return undefined
    return async (tx) =>
      (await acceptTotpStep(tx, userId, { secret: totp.secret, step })) ? { factor: 'totp', methods: OTP } : undefined
  }
  if (readRecoveryCode(given) === undefined) return undefined
  const digest = recoveryCodeDigest(userId, given)
  return async (tx) => {
    const remaining = await redeemRecoveryCode(tx, userId, digest)
    return remaining === undefined ? undefined : { factor: 'recovery-code', methods: OTP, remaining }
  }
}

/** Returns the change that accepts the signature of a passkey of the account; undefined for any other response. */
async function readPasskey(
  { database, relyingParty }: Pick<SecondFactorDependencies, 'database' | 'relyingParty'>,
  userId: UserId,
  { response, purpose }: { readonly response: string; readonly purpose: string },
): Promise<Accept | undefined> {
  const id = relyingParty.credentialIdOf(response)
  const passkey = id === undefined ? undefined : await findPasskey(database, id)
  if (passkey?.userId !== userId) return undefined
  const counter = await relyingParty.verifySecondFactor(purpose, response, passkey)
  if (counter === undefined) return undefined
  const methods = passkeyMethods(passkey)
  return async (tx) =>
    (await recordPasskeyUse(tx, passkey, counter, 'first step')) ? { factor: 'passkey', methods } : undefined
}

/** Accepts a code and records the sign-in. Returns `ended` if the account or its password changed concurrently. */
async function recordSecondFactor(
  { database, now }: Pick<SecondFactorDependencies, 'database' | 'now'>,
  account: Account,
  attempt: SecondFactorAttempt,
  accept: Accept,
): Promise<Accepted | 'ended' | undefined> {
  const { userId } = account
  const { trustedDigest: digest, userAgent } = attempt
  const trusted = digest && { digest, userAgent, expiresAt: new Date(now() + TRUSTED_MS) }
  try {
    return await inAudit<Accepted | undefined>(
      database,
      stepAuthority('second factor', { userId }),
      (accepted) =>
        accepted
          ? [
              entryOf(account, attempt, accepted),
              ...(trusted ? [trustEntryOf(account, attempt, trusted)] : []),
              ...provisioningEntries(accepted.provisioned, actorOf(account, attempt)),
              ...(accepted.hasCancelledReset ? [cancelledResetEntry(account, attempt, 'sign-in')] : []),
            ]
          : [],
      async (tx) => {
        // The user's row is locked: a change of the password waits, or was committed before.
        const current = await findAccountById(tx, userId)
        if (!current || !attempt.ticket.isOf(current)) {
          throw new StepEnded(400, 'The account has changed', { cause: 'first step ended before the second factor' })
        }
        const { identity } = attempt.ticket
        if (identity && !(await useIdentity(tx, userId, identity))) {
          throw new StepEnded(400, 'The sign-in was removed', { cause: 'identity unlinked before the second factor' })
        }
        const accepted = await accept(tx)
        if (accepted) await resetSecondFactorAttempts(tx, userId)
        if (accepted && trusted) await insertTrustedBrowser(tx, userId, trusted)
        if (!accepted) return undefined
        await keepLanguage(tx, account, attempt.language)
        const provisioned = identity && (await provisionMember(tx, userId, identity))
        return { ...accepted, provisioned, hasCancelledReset: await cancelFactorReset(tx, userId) }
      },
    )
  } catch (error) {
    if (error instanceof StepEnded) return 'ended'
    throw error
  }
}

const trustEntryOf = (
  { userId, email, personalOrganizationId: organizationId }: Account,
  { address, userAgent }: SecondFactorAttempt,
  { expiresAt }: { readonly expiresAt: Date },
) =>
  auditEntry('user.trust_browser', {
    organizationId,
    actorId: userId,
    actorEmail: email,
    targetId: userId,
    statusCode: 200,
    ipAddress: address,
    userAgent,
    source: 'provider',
    metadata: { expiresAt: expiresAt.toISOString() },
  })

const entryOf = (
  account: Account,
  { address, userAgent, clientId, ticket }: SecondFactorAttempt,
  accepted: Accepted | undefined,
) =>
  auditEntry('user.sign_in', {
    organizationId: account.personalOrganizationId,
    actorId: accepted ? account.userId : null,
    actorEmail: account.email,
    targetId: account.userId,
    statusCode: accepted ? 200 : 401,
    ...(!accepted && { errorMessage: 'Wrong second factor' }),
    ipAddress: address,
    userAgent,
    source: 'provider',
    metadata: {
      clientId,
      ...(accepted && { factor: accepted.factor }),
      ...(ticket.identity && { issuer: ticket.identity.issuer }),
    },
  })
