import { type AuditEntry, type AuditedTx, auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  type Account,
  countSecondFactorAttempt,
  type EndedUserAccess,
  findAccountById,
  insertPasskey,
  insertTotpFactor,
  type NewPasskey,
  resetSecondFactorAttempts,
} from '@daytona-auth/db/users'
import type { Amr } from '@daytona-auth/protocol/authentication-context'
import type { FastifyBaseLogger } from 'fastify'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import { countEnded, endedAccessEntries, invalidateAccess } from '../interaction/ended-access.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import type { OpenTicket } from '../interaction/sign-in-ticket.ts'
import { StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import type { Viewer } from '../interaction/viewer.ts'
import { mailFactorEvent } from '../second-factor/mail-factor-event.ts'
import { newRecoveryCodes, passkeyMethods, turnOnTwoStepSignIn } from '../second-factor/turn-on.ts'

/** The first second factor of an account: an authenticator app that has shown a code, or a passkey that was created. */
export type FirstFactor =
  | { readonly kind: 'totp'; readonly secret: string; readonly step: number }
  | { readonly kind: 'passkey'; readonly passkey: Omit<NewPasskey, 'userId' | 'userAgent'> }

export type EnrollmentOutcome =
  /** `methods`: without `pwd`. The codes are shown once. `signInVersion`: after the ends of the sign-ins before. */
  | {
      readonly kind: 'enrolled'
      readonly methods: readonly Amr[]
      readonly codes: readonly string[]
      readonly signInVersion: number
    }
  | { readonly kind: 'wrong' }
  /** The password was changed, the account disabled, or it has a second factor now. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/** Whether an account may set up a second factor during a sign-in: see `enrollSecondFactor`. */
export const mayEnroll = ({
  emailVerified,
  hasSecondFactor,
  disabledAt,
  passwordHash,
}: Pick<Account, 'emailVerified' | 'hasSecondFactor' | 'disabledAt' | 'passwordHash'>): boolean =>
  emailVerified && !hasSecondFactor && disabledAt === null && passwordHash !== null

/**
 * Adds the first second factor of an account during a sign-in, right after its password. An account that has one is refused,
 * under the lock of its row: a stranger with the password alone must not add another. So is one whose address is not
 * verified, because its mail is how the owner learns of it. Everything that began without a second factor ends.
 * `read` checks what was sent; an attempt counts before.
 */
export async function enrollSecondFactor(
  interactionContext: InteractionContext,
  { ticket, viewer }: { readonly ticket: OpenTicket; readonly viewer: Viewer },
  read: () => Promise<FirstFactor | undefined>,
  origin: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<EnrollmentOutcome> {
  const { database, attempts, totpSecrets } = interactionContext
  const { userId } = ticket
  const account = await findAccountById(database, userId)
  if (!account || !isStillFirst(account, ticket)) return { kind: 'ended' }
  const retryAfterSeconds = await countSecondFactorAttempt(database, userId, attempts)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }
  const factor = await read()
  if (!factor) return { kind: 'wrong' }

  const encrypted = factor.kind === 'totp' ? await totpSecrets.encrypt(userId, factor.secret) : ''
  const insert = (tx: AuditedTx) =>
    factor.kind === 'totp'
      ? insertTotpFactor(tx, userId, { secret: encrypted, step: factor.step })
      : insertPasskey(tx, { ...factor.passkey, userId, userAgent: origin.userAgent })
  const methods: readonly Amr[] = factor.kind === 'totp' ? ['otp', 'mfa'] : passkeyMethods(factor.passkey)
  const { codes, digests } = newRecoveryCodes(userId)
  try {
    const { ended, signInVersion } = await inAudit<{ ended: EndedUserAccess; signInVersion: number }>(
      database,
      stepAuthority('second factor at sign-in', { userId }),
      (done) => entriesOf(account, origin, factor, done.ended),
      async (tx) => {
        // The user's row is locked: of two concurrent ones, the second finds the factor of the first.
        const current = await findAccountById(tx, userId)
        if (!current || !isStillFirst(current, ticket) || !(await insert(tx))) {
          throw new StepEnded(400, 'The account has changed', { cause: 'account changed before its first factor' })
        }
        await resetSecondFactorAttempts(tx, userId)
        const ended = await turnOnTwoStepSignIn(tx, userId, {
          // The browser's session, if it is one of this account: the interaction continues in it.
          sessionUid: viewer?.userId === userId ? viewer.sessionUid : undefined,
          digests,
          methods: ['pwd', ...methods],
        })
        return { ended, signInVersion: (await findAccountById(tx, userId))?.signInVersion ?? current.signInVersion }
      },
    )
    invalidateAccess(interactionContext, ended)
    mailFactorEvent(interactionContext, account, `${factor.kind}-added`, origin, logger)
    return { kind: 'enrolled', methods, codes, signInVersion }
  } catch (error) {
    if (error instanceof StepEnded) return { kind: 'ended' }
    throw error
  }
}

/** Whether the sign-in of a ticket may still end without a second factor: the account has none, and the same password. */
export async function maySkipEnrollment({ database }: InteractionContext, ticket: OpenTicket): Promise<boolean> {
  const account = await findAccountById(database, ticket.userId)
  return account !== undefined && isStillFirst(account, ticket)
}

/** A ticket of another provider's identity is none of a password, which this step needs. */
const isStillFirst = (account: Account, ticket: OpenTicket): boolean =>
  mayEnroll(account) && ticket.identity === undefined && ticket.isOf(account)

function entriesOf(account: Account, origin: ChangeOrigin, factor: FirstFactor, ended: EndedUserAccess): AuditEntry[] {
  const actor = actorOf(account, origin)
  const { userId, personalOrganizationId: organizationId } = account
  const facts = { ...actor, organizationId, targetId: userId, statusCode: 200 }
  const own =
    factor.kind === 'totp'
      ? auditEntry('user.add_factor', { ...facts, metadata: { factor: 'totp', ...countEnded(ended) } })
      : auditEntry('user.add_passkey', { ...facts, metadata: { passkeyId: factor.passkey.id, ...countEnded(ended) } })
  const action = factor.kind === 'totp' ? 'user.add_factor' : 'user.add_passkey'
  return [own, ...endedAccessEntries(actor, organizationId, ended, `${action} ${userId}`)]
}
