import { digestOf } from '@daytona-auth/auth'
import { type AuditedTx, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import { cancelFactorReset, findAccountById, redeemFactorResetLink } from '@daytona-auth/db/users'
import type { OpenAccount } from '../account/open-account.ts'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { cancelledResetEntry } from '../sign-in/cancelled-reset-entry.ts'

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
