import type { AuditEntry, AuditedTx } from '@daytona-auth/db/audit'
import { canUseSecondFactor, type EndedUserAccess, endOtherUserAccess, endUserAccess } from '@daytona-auth/db/users'
import type { OpenAccount } from '../account/open-account.ts'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import { endedAccessEntries } from '../interaction/ended-access.ts'

const REASON = 'a second factor was removed'

/**
 * Ends what the removed factor may have signed in, after its removal: its tokens state an `acr` that the account does not
 * reach any more, and a factor is often removed because its device was stolen. Which sign-in used it is not stored, so every
 * other session and its grants end; with the last factor also this session.
 */
export const endAccessOfRemovedFactor = async (
  tx: AuditedTx,
  { viewer: { userId, sessionUid } }: OpenAccount,
): Promise<EndedUserAccess> =>
  (await canUseSecondFactor(tx, userId))
    ? endOtherUserAccess(tx, userId, sessionUid, REASON)
    : endUserAccess(tx, userId, REASON)

/** Builds the audit entries of the grants and keys that ended with the removal. `action` is that of its own entry. */
export const removedAccessEntries = (
  { account }: OpenAccount,
  origin: ChangeOrigin,
  ended: EndedUserAccess,
  action: 'user.remove_factor' | 'user.remove_passkey' | 'user.unlink_identity',
): AuditEntry[] =>
  endedAccessEntries(actorOf(account, origin), account.personalOrganizationId, ended, `${action} ${account.userId}`)
