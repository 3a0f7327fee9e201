import { digestOf } from '@daytona-auth/auth'
import { type AuditedTx, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import { type Account, cancelFactorReset, findAccountById, redeemFactorResetLink } from '@daytona-auth/db/users'
import { actorOf, type ChangeOrigin } from '../account/account-changes.ts'
import type { OpenAccount } from '../account/open-account.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

/** Returns the audit entry of a cancelled removal of second factors. `by`: how it was cancelled. */
export const cancelledResetEntry = (
  account: Account,
  origin: Pick<ChangeOrigin, 'address' | 'userAgent'>,
  by: 'mail' | 'account page' | 'sign-in',
) =>
  auditEntry('user.cancel_factor_reset', {
    ...actorOf(account, origin),
    organizationId: account.personalOrganizationId,
    targetId: account.userId,
    statusCode: 200,
    metadata: { by },
  })

/** Cancels a removal of second factors by the link of one of its mails. Returns false if that is not possible any more. */
export async function cancelResetByLink(
  { database }: InteractionContext,
  { token, userId, ...origin }: ChangeOrigin & { readonly token: string; readonly userId: UserId },
): Promise<boolean> {
  const account = await findAccountById(database, userId)
  if (!account) return false
  return inAudit<boolean>(
    database,
    stepAuthority('factor reset link', { userId }),
    (done) => (done ? cancelledResetEntry(account, origin, 'mail') : []),
    (tx: AuditedTx) => redeemFactorResetLink(tx, userId, digestOf(token)),
  )
}

/** Cancels the removal of the own second factors. A session with any sign-in is enough: more protection, not less. */
export async function cancelOwnReset(
  { database }: InteractionContext,
  { account, viewer: { userId, sessionUid } }: OpenAccount,
  origin: ChangeOrigin,
): Promise<void> {
  await inAudit<boolean>(
    database,
    stepAuthority('account page', { userId, sessionUid }),
    (done) => (done ? cancelledResetEntry(account, origin, 'account page') : []),
    (tx: AuditedTx) => cancelFactorReset(tx, userId),
  )
}
