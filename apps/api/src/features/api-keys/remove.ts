import { insufficientScope } from '@daytona-auth/auth'
import {
  type AffectedKey,
  type ApiKeyRow,
  findApiKey,
  removeApiKeyOrganization,
  revokeApiKey,
} from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import type { CallerInOrganization } from '../../http/caller.ts'
import type { ApiKeyDependencies } from './api-keys.ts'
import { apiKeyNotFound, findOwnApiKey, isAdministrator, ownKeysOf } from './own-api-keys.ts'

/** Deletes the caller's own key of that name. */
export async function deleteOwnApiKey(dependencies: ApiKeyDependencies, caller: CallerInOrganization, name: string) {
  await deleteApiKey(dependencies, caller, await findOwnApiKey(dependencies, caller, name))
}

/**
 * Deletes a user's key.
 * @throws Denial 403 for another user's, unless the caller administers the organization
 */
export async function deleteApiKeyOfUser(
  dependencies: ApiKeyDependencies,
  caller: CallerInOrganization,
  userId: string,
  name: string,
) {
  if (!isAdministrator(caller)) {
    if (userId !== caller.principal.userId) throw insufficientScope('admin:organization')
    return deleteOwnApiKey(dependencies, caller, name)
  }
  const row = await findApiKey(dependencies.database, caller.organization.organizationId, userId as UserId, name)
  if (!row) throw apiKeyNotFound()
  await deleteApiKey(dependencies, caller, row)
}

/**
 * Revokes a key and its descendants from its home, or removes another organization from it. When it resolves, the change
 * is committed and this process refuses the key. The database notifies other processes.
 */
async function deleteApiKey(
  { database, invalidateApiKey }: ApiKeyDependencies,
  caller: CallerInOrganization,
  row: ApiKeyRow,
) {
  const { organizationId } = caller.organization
  const isHome = row.organizationId === organizationId
  const entriesFor = (affected: readonly AffectedKey[]) => deletionEntries(caller, row, affected, 204)
  const affected = await inAudit(database, caller.authority('manage'), entriesFor, async (tx, confirmed) => {
    if (!isAdministrator(confirmed)) requireOwnKey(confirmed, row)
    const change = isHome ? revokeApiKey : removeApiKeyOrganization
    const keys = await change(tx, organizationId, row.id)
    if (keys.length === 0) throw apiKeyNotFound() // another request was faster
    return keys
  })
  for (const key of affected) invalidateApiKey(key.id)
}

/** Builds the events of a deleted key, one for each organization that it could act in, and of the keys that ended with it. */
export function deletionEntries(
  { actor, organization: { organizationId } }: CallerInOrganization,
  row: ApiKeyRow,
  affected: readonly AffectedKey[],
  statusCode: number,
): AuditEntry[] {
  const isHome = row.organizationId === organizationId
  return affected.flatMap((key) => {
    const isTheOne = key.id === row.id
    const where = isHome ? (isTheOne ? row.organizationIds : [key.organizationId]) : [organizationId]
    return where.map((recordedIn) => {
      const facts = { ...actor, organizationId: recordedIn, targetId: key.id, statusCode }
      const metadata = { keyId: key.id, keyName: key.name }
      if (!isHome) return auditEntry('api_key.remove_organization', { ...facts, metadata })
      return auditEntry('api_key.delete', {
        ...facts,
        metadata: { ...metadata, ...(!isTheOne && { deletedWithKeyId: row.id }) },
      })
    })
  })
}

/** @throws Denial as `ownKeysOf`, 403 for a key of another user or of another credential */
function requireOwnKey(caller: CallerInOrganization, row: ApiKeyRow): void {
  const { userId, keyId } = ownKeysOf(caller)
  if (row.userId !== userId || (keyId !== undefined && row.id !== keyId)) {
    throw insufficientScope('admin:organization')
  }
}
