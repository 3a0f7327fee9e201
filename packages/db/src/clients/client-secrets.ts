import { and, eq, inArray, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { type ClientSecretId, newId, type OrganizationId } from '../core/id.ts'
import { oidcClientSecrets, oidcClients } from '../schema/provider.ts'

/** A secret of a client as it may be shown: without its digest. */
export interface ClientSecretRow {
  readonly id: ClientSecretId
  readonly name: string
  /** The masked secret; null for one that was made before it was stored. */
  readonly hint: string | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

export interface NewClientSecret {
  readonly name: string
  readonly digest: Uint8Array
  readonly hint: string
  readonly expiresAt?: Date | null
}

/** A use of a client's secret. */
export interface ClientSecretUse {
  readonly id: string
  readonly usedAt: Date
}

const { clientId, id, name, hint, createdAt, expiresAt, lastUsedAt } = oidcClientSecrets
/** All columns except the digest. */
const columns = { id, name, hint, createdAt, expiresAt, lastUsedAt }

/** Adds the secrets of each client, oldest first. */
export async function withSecrets<Row extends { readonly id: string }>(
  db: Queryable,
  rows: readonly Row[],
): Promise<(Row & { readonly secrets: readonly ClientSecretRow[] })[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const found = await db
    .select({ clientId, secret: columns })
    .from(oidcClientSecrets)
    .where(inArray(clientId, ids))
    .orderBy(createdAt, id)
  const byClient = Map.groupBy(found, (each) => each.clientId)
  return rows.map((row) => ({ ...row, secrets: (byClient.get(row.id) ?? []).map(({ secret }) => secret) }))
}

/** The locked secrets of a client. */
export interface LockedClientSecrets {
  readonly type: 'web' | 'spa' | 'native'
  /** The client's name. */
  readonly name: string
  readonly secrets: readonly (ClientSecretRow & { readonly isExpired: boolean })[]
}

/**
 * Locks a client with its secrets, so that concurrent changes of them run one after the other. Undefined if the organization
 * has no client of that id.
 */
export async function lockClientSecrets(
  tx: AuditedTx,
  organizationId: OrganizationId,
  ofClient: string,
): Promise<LockedClientSecrets | undefined> {
  const [client] = await tx
    .select({ type: oidcClients.type, name: oidcClients.name })
    .from(oidcClients)
    .where(and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, ofClient)))
    .for('no key update')
  if (!client) return undefined
  // In the order of `recordClientSecretUses`, so that the two cannot deadlock.
  const secrets = await tx
    .select({ ...columns, isExpired: sql<boolean>`coalesce(${expiresAt} <= now(), false)` })
    .from(oidcClientSecrets)
    .where(eq(clientId, ofClient))
    .orderBy(id)
    .for('no key update')
  return { ...client, secrets }
}

/** Inserts a secret of a client. */
export async function insertClientSecret(
  tx: AuditedTx,
  ofClient: string,
  secret: NewClientSecret,
): Promise<ClientSecretRow> {
  const [row] = await tx
    .insert(oidcClientSecrets)
    .values({ ...secret, id: newId('sec'), clientId: ofClient })
    .returning(columns)
  if (!row) throw new Error(`the secret of ${ofClient} was not inserted`)
  await copySecretDigest(tx, ofClient)
  return row
}

/** Deletes secrets of a locked client. They are refused as soon as the processes of the provider are notified. */
export async function deleteClientSecrets(
  tx: AuditedTx,
  ofClient: string,
  ids: readonly ClientSecretId[],
): Promise<void> {
  if (ids.length === 0) return
  await tx.delete(oidcClientSecrets).where(and(eq(clientId, ofClient), inArray(id, [...ids])))
  await copySecretDigest(tx, ofClient)
}

/** Copies the digest of the oldest valid secret to the client, for servers of the previous release, which read only that. */
async function copySecretDigest(tx: AuditedTx, ofClient: string): Promise<void> {
  await tx
    .update(oidcClients)
    .set({
      secretDigest: sql`(SELECT digest FROM oidc_client_secrets WHERE client_id = ${ofClient}
        ORDER BY coalesce(expires_at <= now(), false), created_at, id LIMIT 1)`,
      updatedAt: sql`now()`,
    })
    .where(eq(oidcClients.id, ofClient))
}

/**
 * Records the last uses of secrets in one statement. As `recordUsage`, it has no audit event, because it is no change by a
 * user. Secrets that were deleted in the meantime are left out. A last use never moves back.
 */
export async function recordClientSecretUses(db: Queryable, uses: readonly ClientSecretUse[]): Promise<void> {
  const list = (values: readonly string[]) => sql.param(`{${values.map((value) => JSON.stringify(value)).join(',')}}`)
  await db.execute(sql`
    WITH used AS (
      SELECT * FROM unnest(${list(uses.map((use) => use.id))}::text[],
        ${list(uses.map((use) => use.usedAt.toISOString()))}::timestamptz[]) AS used (id, used_at)
    ), locked AS (
      SELECT secret.id, used.used_at FROM oidc_client_secrets secret JOIN used USING (id)
      WHERE secret.last_used_at IS NULL OR secret.last_used_at < used.used_at
      ORDER BY secret.id FOR NO KEY UPDATE OF secret
    )
    UPDATE oidc_client_secrets secret SET last_used_at = locked.used_at
    FROM locked WHERE secret.id = locked.id`)
}
