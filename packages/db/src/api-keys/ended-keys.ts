import { type SQL, sql } from 'drizzle-orm'
import { type AuditActor, type AuditEntry, type AuditedTx, auditEntry } from '../audit/entries.ts'
import type { ApiKeyId, OrganizationId } from '../core/id.ts'
import { withDescendants } from '../principals/key-family.ts'

/** A key that was revoked together with something else: a membership, an organization. */
export interface EndedKey {
  readonly id: ApiKeyId
  readonly name: string
  /** The organizations in which it could act, including its home. */
  readonly organizationIds: readonly OrganizationId[]
}

/** Longer than other statements of a request may take: 4,000 keys took 4 s on two busy cores. */
const ENDING_STATEMENT_MS = 9000

/**
 * Revokes the active keys that match the condition on `api_keys` and, by trigger, the keys made with them, in any home
 * organization. Returns all of them.
 */
export async function endKeys(tx: AuditedTx, condition: SQL): Promise<EndedKey[]> {
  await tx.execute(sql`SELECT set_config('statement_timeout', ${`${ENDING_STATEMENT_MS}ms`}, true)`)
  const ended = await tx.execute<{ id: ApiKeyId; name: string; organizationIds: OrganizationId[] }>(sql`
    ${withDescendants(sql`SELECT id FROM api_keys WHERE ${condition} AND status = 'active'`)}
    SELECT id, name, ARRAY(
        SELECT organization_id FROM api_key_organizations WHERE key_id = api_keys.id
      ) AS "organizationIds"
    FROM api_keys JOIN family USING (id) WHERE status = 'active'`)
  await tx.execute(
    sql`UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE ${condition} AND status = 'active'`,
  )
  return [...ended]
}

/** Returns the audit entries of keys that were revoked with something else: one for each organization of a key. */
export const endedKeyEntries = (
  actor: AuditActor,
  keys: readonly EndedKey[],
  endedWith: Readonly<Record<string, string>>,
): AuditEntry[] =>
  keys.flatMap(({ id, name, organizationIds }) =>
    organizationIds.map((organizationId) =>
      auditEntry('api_key.delete', {
        ...actor,
        organizationId,
        targetId: id,
        statusCode: 204,
        metadata: { keyId: id, keyName: name, ...endedWith },
      }),
    ),
  )

/** Returns the audit entries of one organization for keys with another home that lost access to it. */
export const narrowedKeyEntries = (
  actor: AuditActor,
  organizationId: OrganizationId,
  keys: readonly Pick<EndedKey, 'id' | 'name'>[],
  endedWith: Readonly<Record<string, string>>,
): AuditEntry[] =>
  keys.map(({ id, name }) =>
    auditEntry('api_key.remove_organization', {
      ...actor,
      organizationId,
      targetId: id,
      statusCode: 204,
      metadata: { keyId: id, keyName: name, ...endedWith },
    }),
  )
