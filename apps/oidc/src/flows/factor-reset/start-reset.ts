import { digestOf } from '@daytona-auth/auth'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import {
  canUseSecondFactor,
  findAccountById,
  findFactorReset,
  insertFactorReset,
  lockAccount,
  redeemMailedToken,
} from '@daytona-auth/db/users'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

/**
 * Starts the waiting time by a mailed link. Returns when it ends; of one that was started before, its own end. Undefined if
 * the link is not redeemable any more, the address was never verified, or the account has no second factor.
 */
export async function startFactorReset(
  { context, database }: InteractionContext,
  { token, userId, ...origin }: ChangeOrigin & { readonly token: string; readonly userId: UserId },
): Promise<Date | undefined> {
  const account = await findAccountById(database, userId)
  if (!account) return undefined
  const startedAt = new Date(context.now())
  const endsAt = new Date(startedAt.getTime() + context.config.FACTOR_RESET_WAIT)
  const started = await inAudit<{ readonly isNew: boolean; readonly endsAt: Date } | undefined>(
    database,
    stepAuthority('factor reset link', { userId }),
    (done) =>
      done?.isNew
        ? auditEntry('user.start_factor_reset', {
            ...actorOf(account, origin),
            organizationId: account.personalOrganizationId,
            targetId: userId,
            statusCode: 200,
            metadata: { endsAt: endsAt.toISOString() },
          })
        : [],
    async (tx) => {
      const locked = await lockAccount(tx, userId)
      if (!locked?.emailVerified || !(await redeemMailedToken(tx, 'factor-reset', digestOf(token), userId)))
        return undefined
      if (!(await canUseSecondFactor(tx, userId))) return undefined
      const { email } = locked
      const isNew = await insertFactorReset(tx, { userId, email, stage: 'requested', startedAt, endsAt })
      return { isNew, endsAt: isNew ? endsAt : ((await findFactorReset(tx, userId))?.endsAt ?? endsAt) }
    },
  )
  return started?.endsAt
}
