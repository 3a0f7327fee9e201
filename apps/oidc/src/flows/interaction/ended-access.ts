import { endedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditActor, type AuditEntry, auditEntry } from '@daytona-auth/db/audit'
import type { OrganizationId } from '@daytona-auth/db/core'
import type { EndedAccess } from '@daytona-auth/db/grants'
import type { EndedUserAccess } from '@daytona-auth/db/users'
import type { InteractionContext } from './interaction-context.ts'

/** Builds the audit entries of grants and keys that ended with a change. `endedBy` is its action and target. */
export const endedAccessEntries = (
  actor: AuditActor,
  organizationId: OrganizationId,
  { grants, keys }: EndedAccess,
  endedBy: string,
): AuditEntry[] => [
  ...grants.map(({ id, clientId }) =>
    auditEntry('grant.revoke', { ...actor, organizationId, targetId: id, metadata: { clientId, endedBy } }),
  ),
  ...endedKeyEntries(actor, keys, { endedBy }),
]

/** Evicts what this process caches about ended grants and keys. Others are notified by the database. */
export function invalidateAccess({ context }: InteractionContext, { grants, keys }: EndedAccess): void {
  for (const { id } of grants) context.invalidate({ kind: 'grant', id })
  for (const { id } of keys) context.invalidate({ kind: 'key', id })
}

/** Returns the numbers of what ended, for the audit entry of the change. */
export const countEnded = ({ sessions, grants, keys }: EndedUserAccess) => ({
  endedSessions: sessions,
  endedGrants: grants.length,
  endedKeys: keys.length,
})
