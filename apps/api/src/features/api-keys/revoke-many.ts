import { insufficientScope } from '@daytona-auth/auth'
import {
  type AffectedKey,
  type ApiKeyRow,
  listApiKeysById,
  removeApiKeyOrganization,
  revokeApiKeys,
} from '@daytona-auth/db/api-keys'
import { type AuditEntry, inAudit } from '@daytona-auth/db/audit'
import type { ApiKeyId } from '@daytona-auth/db/core'
import type { CallerInOrganization } from '../../http/caller.ts'
import type { ApiKeyDependencies } from './api-keys.ts'
import { isAdministrator, ownKeysOf } from './own-api-keys.ts'
import { deletionEntries } from './remove.ts'

/** The result for one key of a request. */
export interface Revocation {
  readonly id: string
  readonly status: 'revoked' | 'not_found' | 'forbidden'
}

/**
 * Deletes keys by their ids, each under the rules of a single deletion, in one transaction: either the response is true for
 * each key or nothing has changed. Its locks are those of a single deletion, so that the caller cannot lose authority
 * between two keys. When it resolves, this process refuses the keys.
 * @throws Denial 401 or 403 for a caller whose credential or authority ended before the locks
 */
export async function revokeManyApiKeys(
  { database, invalidateApiKey }: ApiKeyDependencies,
  caller: CallerInOrganization,
  given: readonly string[],
): Promise<Revocation[]> {
  const { organizationId } = caller.organization
  // Any text may be looked up.
  const ids = [...new Set(given)] as ApiKeyId[]
  const wasAdministrator = isAdministrator(caller)
  const entriesFor = ({ ended }: Changed): AuditEntry[] =>
    ended.flatMap(({ row, keys }) => deletionEntries(caller, row, keys, 200))
  const { statuses, ended } = await inAudit(
    database,
    caller.authority('manage'),
    entriesFor,
    async (tx, confirmed): Promise<Changed> => {
      // What remains could not be judged by the rules that the caller relied on.
      if (wasAdministrator && !isAdministrator(confirmed)) throw insufficientScope('admin:organization')
      const whose = isAdministrator(confirmed) ? {} : ownKeysOf(confirmed)
      const rows = await listApiKeysById(tx, organizationId, ids, whose)
      const active = rows.filter(({ status }) => status === 'active')
      const atHome = active.filter((row) => row.organizationId === organizationId)
      const families = await revokeApiKeys(
        tx,
        organizationId,
        atHome.map(({ id }) => id),
      )
      const ended = atHome.flatMap((row): Ended[] => {
        const keys = families.get(row.id)
        return keys ? [{ row, keys }] : []
      })
      for (const row of active) {
        if (row.organizationId === organizationId) continue
        const keys = await removeApiKeyOrganization(tx, organizationId, row.id)
        if (keys.length > 0) ended.push({ row, keys })
      }
      const endedIds = new Set(ended.flatMap(({ keys }) => keys.map(({ id }) => id)))
      const found = new Set(rows.map(({ id }) => id))
      const statusOf = (id: ApiKeyId): Revocation['status'] => {
        if (endedIds.has(id)) return 'revoked'
        return found.has(id) || isAdministrator(confirmed) ? 'not_found' : 'forbidden'
      }
      return { statuses: ids.map((id) => ({ id, status: statusOf(id) })), ended }
    },
  )
  for (const { keys } of ended) for (const { id } of keys) invalidateApiKey(id)
  return statuses
}

/** A key of the request that ended or lost the organization, with its descendants that did so with it. */
interface Ended {
  readonly row: ApiKeyRow
  readonly keys: readonly AffectedKey[]
}

interface Changed {
  readonly statuses: Revocation[]
  readonly ended: readonly Ended[]
}
