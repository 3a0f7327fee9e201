import { auditEntry } from '@daytona-auth/db/audit'
import type { Account } from '@daytona-auth/db/users'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'

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
