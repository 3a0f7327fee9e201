import { type ApiKeyRow, endPreviousSecrets, lockApiKey } from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { CallerInOrganization } from '../../http/caller.ts'
import type { ApiKeyDependencies } from './api-keys.ts'
import { getIssued } from './issue.ts'
import { apiKeyNotFound, findOwnApiKey } from './own-api-keys.ts'

interface Ended {
  readonly row: ApiKeyRow
  /** The number of secrets that this call ended. */
  readonly count: number
}

/**
 * Ends the secrets of one of the caller's own keys that earlier rotations left valid. The current secret stays. Without such
 * a secret nothing changes, and there is no event.
 * @throws Denial 404 for an ended key or another user's
 */
export async function endPreviousSecretsOfOwnKey(
  { database, invalidateApiKey }: ApiKeyDependencies,
  caller: CallerInOrganization,
  name: string,
): Promise<ApiKeyRow> {
  const { row } = await inAudit<Ended, CallerInOrganization>(
    database,
    caller.authority('manage', null),
    (ended) => entriesOf(caller, ended),
    async (tx, confirmed) => {
      const found = await findOwnApiKey({ database: tx }, confirmed, name)
      // A rotation at the same time is before or after it, never in between.
      if (!(await lockApiKey(tx, found.organizationId, found.id))) throw apiKeyNotFound()
      const count = await endPreviousSecrets(tx, found.id)
      return { row: await getIssued(tx, found.organizationId, found.id), count }
    },
  )
  invalidateApiKey(row.id)
  return row
}

const entriesOf = ({ actor }: CallerInOrganization, { row, count }: Ended): AuditEntry[] =>
  (count === 0 ? [] : row.organizationIds).map((organizationId) =>
    auditEntry('api_key.end_previous_secrets', {
      ...actor,
      organizationId,
      targetId: row.id,
      statusCode: 200,
      metadata: { keyId: row.id, keyName: row.name, ended: count },
    }),
  )
