import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { ApiKeyId, GrantId, OrganizationId, UserId } from '../core/id.ts'
import { byId, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { withAncestors } from '../principals/key-family.ts'
import { apiKeyOrganizations, apiKeySecrets, apiKeys } from '../schema/api-keys.ts'

/** A key as it may be shown: no row type has a secret, and only the verifier's has a digest. */
export interface ApiKeyRow {
  readonly id: ApiKeyId
  /** The home organization. */
  readonly organizationId: OrganizationId
  /** The owner. */
  readonly userId: UserId
  readonly name: string
  readonly description: string
  readonly permissions: readonly string[]
  /** Derived when it is read. */
  readonly status: 'active' | 'expired' | 'revoked'
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly parentKeyId: ApiKeyId | null
  readonly parentGrantId: GrantId | null
  /** The expiry of the key or grant that it was made with; null without one. */
  readonly parentExpiresAt: Date | null
  /** The organizations in which it may act, its home first. */
  readonly organizationIds: readonly OrganizationId[]
  /** Newest first: the current one and, during a rotation's grace, the previous ones. */
  readonly secrets: readonly ApiKeySecretRow[]
  /** The last use of any of its secrets, including expired ones. */
  readonly lastUsedAt: Date | null
  /** The address of that use. */
  readonly lastUsedIp: string | null
  /** The last denied use of any of its secrets, with its address and reason if they are known. */
  readonly lastDenial: { readonly at: Date; readonly ip: string | null; readonly reason: string | null } | null
}

export interface ApiKeySecretRow {
  readonly hint: string
  readonly createdAt: Date
  /** The end of its grace; null for the current one. */
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

/** The condition for an active key: neither revoked nor expired. */
export const isActive = sql`(${apiKeys.status} = 'active' AND (${apiKeys.expiresAt} IS NULL OR ${apiKeys.expiresAt} > now()))`

// Subqueries write out the columns: drizzle omits the table's name in a list of columns.
export const apiKeyColumns = {
  id: apiKeys.id,
  organizationId: apiKeys.organizationId,
  userId: apiKeys.userId,
  name: apiKeys.name,
  description: apiKeys.description,
  permissions: apiKeys.permissions,
  status: sql<
    ApiKeyRow['status']
  >`CASE WHEN ${apiKeys.status} = 'active' AND NOT ${isActive} THEN 'expired' ELSE ${apiKeys.status} END`,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  parentKeyId: apiKeys.parentKeyId,
  parentGrantId: apiKeys.parentGrantId,
  parentExpiresAt: sql`LEAST((SELECT parent.expires_at FROM api_keys parent WHERE parent.id = api_keys.parent_key_id),
    (SELECT grants.expires_at FROM grants WHERE grants.id = api_keys.parent_grant_id))`.mapWith(apiKeys.expiresAt),
  organizationIds: sql<OrganizationId[]>`ARRAY(
    SELECT organization_id FROM api_key_organizations WHERE key_id = api_keys.id
    ORDER BY organization_id <> api_keys.organization_id, organization_id)`,
  secrets: sql<SecretJson[]>`coalesce((
    SELECT json_agg(json_build_object('hint', hint, 'createdAt', created_at, 'expiresAt', expires_at, 'lastUsedAt', last_used_at)
      ORDER BY expires_at IS NULL DESC, created_at DESC)
    FROM api_key_secrets WHERE key_id = api_keys.id AND (expires_at IS NULL OR expires_at > now())), '[]')`,
  lastUsedAt: sql`(SELECT max(last_used_at) FROM api_key_secrets WHERE key_id = api_keys.id)`.mapWith(
    apiKeySecrets.lastUsedAt,
  ),
  lastUsedIp: sql<string | null>`(SELECT last_used_ip FROM api_key_secrets
    WHERE key_id = api_keys.id AND last_used_at IS NOT NULL ORDER BY last_used_at DESC LIMIT 1)`,
  lastDenial: sql<DenialJson | null>`(
    SELECT json_build_object('at', last_denied_at, 'ip', last_denied_ip, 'reason', last_denial_reason)
    FROM api_key_secrets WHERE key_id = api_keys.id AND last_denied_at IS NOT NULL
    ORDER BY last_denied_at DESC LIMIT 1)`,
}

interface DenialJson {
  at: string
  ip: string | null
  reason: string | null
}

interface SecretJson {
  hint: string
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
}

export interface ApiKeyFilter {
  /** Only keys of this user. */
  readonly userId?: UserId
  /** Only this key. */
  readonly keyId?: ApiKeyId
  /** `all` includes expired and revoked keys. */
  readonly status: 'active' | 'all'
}

/**
 * Lists a page of the keys that act or acted in an organization, newest first. Ordered by id, which sorts by the time of
 * creation and is indexed in `api_key_organizations`.
 */
export async function listApiKeys(
  db: Queryable,
  organizationId: OrganizationId,
  { userId, keyId, status }: ApiKeyFilter,
  { limit, after }: PageRequest<null>,
): Promise<Page<ApiKeyRow, null>> {
  const { orderBy, behind, value } = byId(apiKeyOrganizations.keyId, 'desc', after)
  const rows = await db
    .select({ row: apiKeyColumns, value })
    .from(apiKeyOrganizations)
    .innerJoin(apiKeys, eq(apiKeys.id, apiKeyOrganizations.keyId))
    .where(
      and(
        eq(apiKeyOrganizations.organizationId, organizationId),
        userId && eq(apiKeyOrganizations.userId, userId),
        keyId && eq(apiKeyOrganizations.keyId, keyId),
        status === 'active' ? and(apiKeyOrganizations.active, isActive) : undefined,
        behind,
      ),
    )
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(
    rows.map(({ row, value }) => ({ row: withDates(row), value })),
    limit,
  )
}

/** Finds a user's active key of that name in an organization. With `keyId` it must be that key. */
export async function findApiKey(
  db: Queryable,
  organizationId: OrganizationId,
  userId: UserId,
  name: string,
  keyId?: ApiKeyId,
): Promise<ApiKeyRow | undefined> {
  // Compares the copies of owner and name, so that the index of active names is used.
  const [row] = await db
    .select(apiKeyColumns)
    .from(apiKeyOrganizations)
    .innerJoin(apiKeys, eq(apiKeys.id, apiKeyOrganizations.keyId))
    .where(
      and(
        eq(apiKeyOrganizations.organizationId, organizationId),
        eq(apiKeyOrganizations.userId, userId),
        eq(apiKeyOrganizations.name, name),
        apiKeyOrganizations.active,
        keyId && eq(apiKeyOrganizations.keyId, keyId),
        isActive,
      ),
    )
  return row && withDates(row)
}

/** Lists the keys with these ids that act or acted in an organization, in any status; with a filter, only those it allows. */
export async function listApiKeysById(
  db: Queryable,
  organizationId: OrganizationId,
  ids: readonly ApiKeyId[],
  { userId, keyId }: Pick<ApiKeyFilter, 'userId' | 'keyId'>,
): Promise<ApiKeyRow[]> {
  const rows = await db
    .select(apiKeyColumns)
    .from(apiKeyOrganizations)
    .innerJoin(apiKeys, eq(apiKeys.id, apiKeyOrganizations.keyId))
    .where(
      and(
        eq(apiKeyOrganizations.organizationId, organizationId),
        inArray(apiKeyOrganizations.keyId, [...ids]),
        userId && eq(apiKeyOrganizations.userId, userId),
        keyId && eq(apiKeyOrganizations.keyId, keyId),
      ),
    )
    .orderBy(apiKeyOrganizations.keyId)
  return rows.map(withDates)
}

/** Finds a key of its home organization, in any status. */
export async function getApiKey(
  db: Queryable,
  homeOrganizationId: OrganizationId,
  id: ApiKeyId,
): Promise<ApiKeyRow | undefined> {
  const [row] = await db
    .select(apiKeyColumns)
    .from(apiKeys)
    .where(and(eq(apiKeys.organizationId, homeOrganizationId), eq(apiKeys.id, id)))
  return row && withDates(row)
}

export const withDates = <Row extends { readonly secrets: SecretJson[]; readonly lastDenial: DenialJson | null }>(
  row: Row,
) => ({
  ...row,
  secrets: row.secrets.map(secretFromJson),
  lastDenial: row.lastDenial && { ...row.lastDenial, at: new Date(row.lastDenial.at) },
})

const secretFromJson = ({ hint, createdAt, expiresAt, lastUsedAt }: SecretJson): ApiKeySecretRow => ({
  hint,
  createdAt: new Date(createdAt),
  expiresAt: expiresAt === null ? null : new Date(expiresAt),
  lastUsedAt: lastUsedAt === null ? null : new Date(lastUsedAt),
})

/** Whether a key is the given key or descends from the given key or grant. */
export async function isDescendantOf(
  db: Queryable,
  id: ApiKeyId,
  ancestor: { readonly keyId?: ApiKeyId; readonly grantId?: GrantId },
): Promise<boolean> {
  const [row] = await db.execute<{ found: boolean }>(sql`
    ${withAncestors<SQL>(sql, sql`k.id = ${id}`)}
    SELECT EXISTS (
      SELECT FROM line WHERE ${ancestor.keyId ?? null} IN (child_id, key_id) OR grant_id = ${ancestor.grantId ?? null}
    ) AS found`)
  return row?.found === true
}
