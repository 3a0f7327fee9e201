import type { Sql } from 'postgres'
import { emailDomainSql } from '../core/email-address.ts'
import type { ApiKeyId, GrantId, OrganizationId, UserId } from '../core/id.ts'
import { hasProviderSql, isSignInAllowedSql } from '../schema/single-sign-on.ts'
import { isAppAllowed } from './app-access.ts'
import { withAncestors } from './key-family.ts'

/** The facts that decide about a request with an API key. Instants are milliseconds since the epoch. */
export interface ApiKeyFacts {
  /** SHA-256 of the secret, as requested. */
  readonly digest: Uint8Array
  readonly user: UserFacts
  readonly keyId: ApiKeyId
  readonly keyName: string
  readonly homeOrganizationId: OrganizationId
  /** The stored status: an `active` key may have expired since. */
  readonly status: 'active' | 'expired' | 'revoked'
  readonly permissions: readonly string[]
  readonly keyExpiresAt: number | null
  /** The keys and grants that it descends from. Its permissions never exceed any of theirs. */
  readonly parents: readonly ParentFacts[]
  readonly hint: string
  /** Null for the current secret; the end of its grace for one rotated out. */
  readonly secretExpiresAt: number | null
  /** The memberships of the key's owner in the organizations in which the key may act. */
  readonly memberships: readonly MembershipFacts[]
}

/** The current state of a key or grant that a key descends from. */
export interface ParentFacts {
  readonly keyId: ApiKeyId | null
  readonly grantId: GrantId | null
  readonly clientId: string | null
  /** Whether it is revoked, expired by its status, or its client is deleted. */
  readonly isEnded: boolean
  /** Names of permissions, possibly among other scopes; null: all permissions of the user. */
  readonly permissions: readonly string[] | null
  readonly expiresAt: number | null
  /** Null: all organizations of the user. */
  readonly organizationIds: readonly OrganizationId[] | null
  /** Of a grant: those of its organizations that deny its app. */
  readonly denyingOrganizationIds: readonly OrganizationId[]
}

/** The facts that decide about a request with an access token. */
export interface TokenFacts {
  readonly user: UserFacts
  /** What the user has chosen for apps; null unless chosen. */
  readonly chosenLanguage: string | null
  readonly timeZone: string | null
  readonly grantId: GrantId
  readonly clientId: string
  readonly firstParty: boolean
  readonly grantScopes: readonly string[]
  readonly grantExpiresAt: number
  readonly isGrantRevoked: boolean
  /** Whether the sign-in of the grant still counts: no organization requires another one, and its provider exists. */
  readonly isSignInAllowed: boolean
  /** The organizations whose identity providers decide that, besides the domain of the address. */
  readonly signInOrganizationIds: readonly OrganizationId[]
  /** The user's memberships in the organizations of the grant; for a first-party client, all memberships. */
  readonly memberships: readonly MembershipFacts[]
}

export interface UserFacts {
  readonly id: UserId
  readonly name: string
  readonly email: string
  readonly emailVerified: boolean
  readonly createdAt: number
  readonly updatedAt: number
  readonly isDisabled: boolean
}

/** The current membership of a user in an organization. */
export interface MembershipFacts {
  readonly organizationId: OrganizationId
  readonly role: 'owner' | 'member'
  /** Permission names of all assigned roles, possibly repeated; empty for an owner, who has every permission. */
  readonly permissions: readonly string[]
  readonly isSuspended: boolean
  readonly suspensionReason: string | null
  readonly suspendedUntil: number | null
  /** Whether the organization refuses tokens of sign-ins without a second factor. */
  readonly requiresSecondFactor: boolean
  /** Whether the organization denies the app of the token: by a decision, or by its policy. Never of an API key. */
  readonly isAppDenied: boolean
}

/**
 * Finds the facts of the keys with these digests: the key, its secret, its owner, the owner's memberships and roles where
 * the key may act, and its ancestors. Unknown digests are left out.
 *
 * One statement for keys that a person created, a second one for the ancestors of the others: a recursive query would make
 * every statement 25 % slower. A key that is deleted between the two is left out.
 */
export async function findApiKeyFacts(sql: Sql, digests: readonly Uint8Array[]): Promise<ApiKeyFacts[]> {
  const list = digests.map((digest) => Buffer.from(digest).toString('hex')).join()
  const rows = await sql.unsafe<ApiKeyRow[]>(API_KEYS, [list], { prepare: true })
  const children = rows.filter((row) => row.has_parent)
  if (children.length === 0) return rows.map((row) => apiKeyFacts(row, []))
  const parents = await findParents(
    sql,
    children.map((row) => row.key_id),
  )
  return rows.flatMap((row) => {
    const found = row.has_parent ? parents.get(row.key_id) : []
    return found ? apiKeyFacts(row, found) : []
  })
}

async function findParents(sql: Sql, keyIds: readonly ApiKeyId[]): Promise<Map<ApiKeyId, readonly ParentFacts[]>> {
  const rows = await sql.unsafe<ParentsRow[]>(PARENTS, [keyIds.join()], { prepare: true })
  return new Map(rows.map((row) => [row.child_id, row.parents]))
}

/** The claims of a token whose signature was verified. */
export interface TokenClaim {
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  /** The id of the signing key. */
  readonly kid: string
}

/**
 * Finds the facts of a token in one statement. `undefined` if its grant, user, client or signing key does not exist, or they
 * do not belong together.
 */
export async function findTokenFacts(
  sql: Sql,
  { grantId, userId, clientId, kid }: TokenClaim,
): Promise<TokenFacts | undefined> {
  const [row] = await sql.unsafe<TokenRow[]>(TOKEN, [grantId, userId, clientId, kid], { prepare: true })
  return row && tokenFacts(row)
}

// One round trip and little parsing: instants are numbers, and the memberships one JSON value. A role of an organization has
// an effect only in that organization, even if it is assigned elsewhere.
const memberships = (isAppDenied: string) => `json_agg(json_build_array(m.organization_id, m.role,
  CASE WHEN m.role = 'member' THEN ARRAY(
    SELECT unnest(r.permissions) FROM member_roles mr JOIN roles r ON r.id = mr.role_id
    WHERE mr.organization_id = m.organization_id AND mr.user_id = m.user_id
      AND (r.organization_id IS NULL OR r.organization_id = m.organization_id)) END,
  o.suspended_at IS NOT NULL, o.suspension_reason, ${milliseconds('o.suspended_until')}, o.require_second_factor, ${isAppDenied}))`

const USER = `u.id AS user_id, u.name AS user_name, u.email, u.email_verified,
  ${milliseconds('u.created_at')} AS user_created_at, ${milliseconds('u.updated_at')} AS user_updated_at, u.disabled_at IS NOT NULL AS is_disabled`

// An ancestor without a row counts as ended: it was deleted after its child was read.
const PARENTS = `
  ${withAncestors(String.raw, `k.id = ANY (ARRAY(SELECT string_to_table($1, ',')))`)}
  SELECT child_id, json_agg(parent) AS parents FROM (
    SELECT line.child_id, json_build_object('keyId', line.key_id, 'grantId', NULL, 'clientId', NULL,
      'isEnded', p.status IS DISTINCT FROM 'active', 'permissions', p.permissions,
      'expiresAt', ${milliseconds('p.expires_at')},
      'organizationIds', ARRAY(SELECT organization_id FROM api_key_organizations WHERE key_id = line.key_id),
      'denyingOrganizationIds', ARRAY[]::text[]) AS parent
    FROM line LEFT JOIN api_keys p ON p.id = line.key_id WHERE line.key_id IS NOT NULL
    UNION ALL
    SELECT line.child_id, json_build_object('keyId', NULL, 'grantId', line.grant_id, 'clientId', g.client_id,
      'isEnded', g.id IS NULL OR g.revoked_at IS NOT NULL OR c.id IS NULL,
      'permissions', CASE WHEN NOT c.first_party THEN g.scopes END,
      'expiresAt', ${milliseconds('g.expires_at')}, 'organizationIds', g.organization_ids,
      'denyingOrganizationIds', ARRAY(
        SELECT o.id FROM organizations o WHERE o.id = ANY (g.organization_ids) AND NOT ${isAppAllowed()}))
    FROM line LEFT JOIN grants g ON g.id = line.grant_id LEFT JOIN oidc_clients c ON c.id = g.client_id
    WHERE line.grant_id IS NOT NULL
  ) ancestors GROUP BY child_id`

// The list is a subquery, so that the planner cannot count its elements. Otherwise it plans again for each length, which
// takes four times as long as the statement itself.
const API_KEYS = `
  SELECT s.digest, k.id AS key_id, k.name AS key_name, k.organization_id, k.status, to_json(k.permissions) AS permissions,
    k.parent_key_id IS NOT NULL OR k.parent_grant_id IS NOT NULL AS has_parent,
    ${milliseconds('k.expires_at')} AS key_expires_at, s.hint, ${milliseconds('s.expires_at')} AS secret_expires_at, ${USER},
    (SELECT ${memberships('false')} FROM api_key_organizations ko
      JOIN organization_members m ON m.organization_id = ko.organization_id AND m.user_id = k.user_id
      JOIN organizations o ON o.id = ko.organization_id
      WHERE ko.key_id = k.id) AS memberships
  FROM api_key_secrets s JOIN api_keys k ON k.id = s.key_id JOIN users u ON u.id = k.user_id
  WHERE s.digest = ANY (ARRAY(SELECT decode(digest, 'hex') FROM string_to_table($1, ',') AS requested (digest)))`

const TOKEN = `
  SELECT g.id AS grant_id, g.client_id, c.first_party, to_json(g.scopes) AS scopes, g.revoked_at IS NOT NULL AS is_revoked,
    ${milliseconds('g.expires_at')} AS grant_expires_at, ${USER}, u.chosen_language, u.time_zone,
    ${isSignInAllowedSql('g.payload', 'u')} AND ${hasProviderSql('g.payload')} AS is_sign_in_allowed,
    g.payload #>> '{identity,organizationId}' AS identity_organization_id,
    (SELECT domain.organization_id FROM organization_domains domain
      WHERE domain.domain = ${emailDomainSql('u')} AND domain.verified_at IS NOT NULL) AS domain_organization_id,
    (SELECT ${memberships(`NOT ${isAppAllowed()}`)} FROM organization_members m JOIN organizations o ON o.id = m.organization_id
      WHERE m.user_id = g.user_id AND (c.first_party OR m.organization_id = ANY (g.organization_ids))) AS memberships
  FROM grants g JOIN users u ON u.id = g.user_id JOIN oidc_clients c ON c.id = g.client_id
  JOIN signing_keys k ON k.kid = $4
  WHERE g.id = $1 AND g.user_id = $2 AND g.client_id = $3`

function milliseconds(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`
}

/** The public half of a signing key. */
export interface SigningKeyFacts {
  readonly kid: string
  readonly alg: string
  readonly publicJwk: Readonly<Record<string, unknown>>
}

/** Lists every key of valid token signatures: published ones, active ones, and retired ones until their last token expires. */
export const listSigningKeyFacts = (sql: Sql): Promise<SigningKeyFacts[]> =>
  sql<SigningKeyFacts[]>`SELECT kid, alg, public_jwk AS "publicJwk" FROM signing_keys ORDER BY created_at, kid`

interface UserColumns {
  readonly user_id: UserId
  readonly user_name: string
  readonly email: string
  readonly email_verified: boolean
  readonly user_created_at: number
  readonly user_updated_at: number
  readonly is_disabled: boolean
  readonly memberships: readonly MembershipJson[] | null
}

interface ApiKeyRow extends UserColumns {
  readonly digest: Uint8Array
  readonly key_id: ApiKeyId
  readonly key_name: string
  readonly organization_id: OrganizationId
  readonly status: 'active' | 'expired' | 'revoked'
  readonly permissions: readonly string[]
  readonly has_parent: boolean
  readonly key_expires_at: number | null
  readonly hint: string
  readonly secret_expires_at: number | null
}

interface ParentsRow {
  readonly child_id: ApiKeyId
  readonly parents: readonly ParentFacts[]
}

interface TokenRow extends UserColumns {
  readonly chosen_language: string | null
  readonly time_zone: string | null
  readonly grant_id: GrantId
  readonly client_id: string
  readonly first_party: boolean
  readonly scopes: readonly string[]
  readonly is_revoked: boolean
  readonly is_sign_in_allowed: boolean
  readonly identity_organization_id: OrganizationId | null
  readonly domain_organization_id: OrganizationId | null
  readonly grant_expires_at: number
}

type MembershipJson = readonly [
  OrganizationId,
  'owner' | 'member',
  readonly string[] | null,
  boolean,
  string | null,
  number | null,
  boolean,
  boolean,
]

const apiKeyFacts = (row: ApiKeyRow, parents: readonly ParentFacts[]): ApiKeyFacts => ({
  digest: row.digest,
  user: userFacts(row),
  keyId: row.key_id,
  keyName: row.key_name,
  homeOrganizationId: row.organization_id,
  status: row.status,
  permissions: row.permissions,
  keyExpiresAt: row.key_expires_at,
  parents,
  hint: row.hint,
  secretExpiresAt: row.secret_expires_at,
  memberships: membershipFacts(row),
})

const tokenFacts = (row: TokenRow): TokenFacts => ({
  user: userFacts(row),
  chosenLanguage: row.chosen_language,
  timeZone: row.time_zone,
  grantId: row.grant_id,
  clientId: row.client_id,
  firstParty: row.first_party,
  grantScopes: row.scopes,
  grantExpiresAt: row.grant_expires_at,
  isGrantRevoked: row.is_revoked,
  isSignInAllowed: row.is_sign_in_allowed,
  signInOrganizationIds: [row.domain_organization_id, row.identity_organization_id].filter((id) => id !== null),
  memberships: membershipFacts(row),
})

const userFacts = (row: UserColumns): UserFacts => ({
  id: row.user_id,
  name: row.user_name,
  email: row.email,
  emailVerified: row.email_verified,
  createdAt: row.user_created_at,
  updatedAt: row.user_updated_at,
  isDisabled: row.is_disabled,
})

const membershipFacts = ({ memberships }: UserColumns): MembershipFacts[] =>
  (memberships ?? []).map(
    ([
      organizationId,
      role,
      permissions,
      isSuspended,
      suspensionReason,
      suspendedUntil,
      requiresSecondFactor,
      isAppDenied,
    ]) => ({
      organizationId,
      role,
      permissions: permissions ?? [],
      isSuspended,
      suspensionReason,
      suspendedUntil,
      requiresSecondFactor,
      isAppDenied,
    }),
  )
