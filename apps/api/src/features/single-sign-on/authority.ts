import { type AuditedTx, inAudit } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import { conflict } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { lockCallerOrganization, requireOwnerStepUp } from '../organizations/authority.ts'

/**
 * Locks the caller's organization for a change of how its people sign in.
 * @throws Denial 403 unless an owner acts in person, 401 without a recent sign-in, 409 for a personal organization
 */
export async function lockForOwner(tx: AuditedTx, caller: CallerInOrganization): Promise<void> {
  const { organization, callerRole } = await lockCallerOrganization(tx, caller)
  await requireOwnerStepUp(tx, caller, callerRole)
  if (organization.personal) {
    throw conflict('personal_organization', 'A personal organization has no single sign-on: create a shared one')
  }
}

/**
 * Confirms the caller as `lockForOwner` before requests to servers that the caller chose. The change confirms it again.
 * @throws Denial as `lockForOwner`
 */
export const confirmOwner = (database: Database, caller: CallerInOrganization): Promise<void> =>
  inAudit<void, CallerInOrganization>(database, caller.authority('administer'), [], lockForOwner)
