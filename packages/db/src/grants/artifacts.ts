import { sql } from 'drizzle-orm'
import type { Database, Queryable } from '../core/client.ts'
import type { GrantId, ResourceServerId, UserId } from '../core/id.ts'
import { isAppAllowed } from '../principals/app-access.ts'
import { hasSecondFactorSql } from '../schema/second-factors.ts'
import { isIdentityLinkedSql, isSignInAllowedSql } from '../schema/single-sign-on.ts'
import { isCurrentSignInSql } from '../schema/users.ts'
import { CURRENT_SCOPES, IS_ACTIVE, type NewGrant } from './grants.ts'
import { grantInsertion, grantParameters } from './insertion.ts'

type Json = Record<string, unknown>

/** The key of an artifact: the model's name and the SHA-256 of its id. */
export interface ArtifactKey {
  readonly model: string
  readonly digest: Uint8Array
}

export interface NewArtifact extends ArtifactKey {
  /** Without the id, which is a secret. */
  readonly payload: Json
  readonly grantId: GrantId | null
  readonly accountId: string | null
  readonly clientId: string | null
  readonly uid: string | null
  readonly userCode: string | null
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** A consumed refresh token, and the digest of the one that succeeded it. */
export interface RotatedArtifact {
  readonly key: ArtifactKey
  readonly grantId: GrantId
  readonly successor: Uint8Array
}

/** A user who may get tokens: not disabled. */
export interface EnabledAccount {
  readonly id: UserId
  readonly name: string
  readonly email: string
  readonly emailVerified: boolean
  /** Null unless the person has chosen one. */
  readonly chosenLanguage: string | null
  /** Null unless the person has chosen one. */
  readonly timeZone: string | null
  /** The last change of these, in whole seconds since the epoch. */
  readonly updatedAt: number
}

/** A user who may sign in or continue a session. */
export interface SessionAccount extends EnabledAccount {
  /** Whether a sign-in needs a second factor besides the password. */
  readonly hasSecondFactor: boolean
}

export interface FoundArtifact {
  readonly payload: Json
  /** Seconds since the epoch. */
  readonly consumedAt: number | null
}

export interface FoundWithAccount extends FoundArtifact {
  readonly account: EnabledAccount | null
}

export interface FoundSession extends FoundArtifact {
  readonly account: SessionAccount | null
}

/** A code or refresh token, with the facts that a token request needs to redeem it. */
export interface Redeemable extends FoundWithAccount {
  readonly digest: Uint8Array
  /** Consumed within the grace: a second tab or a lost response, not treated as theft. */
  readonly justConsumed: boolean
  /** oidc-provider's payload of the grant; null if the grant is revoked or deleted. */
  readonly grant: Json | null
  /** The current scopes of the grant and its client, which may be fewer than those in the payloads. */
  readonly grantScopes: readonly string[] | null
  /** The API with its own audience that the grant is for; null for our own API. */
  readonly resource: RedeemableResource | null
}

/** The API of a grant, as of now. */
export interface RedeemableResource {
  readonly id: ResourceServerId
  /** Null if it is deleted or disabled, or its organization suspended: nothing is issued for it. */
  readonly identifier: string | null
  /** The names of its scopes. */
  readonly scopes: readonly string[]
}

export async function findArtifact({ $client }: Database, { model, digest }: ArtifactKey) {
  const [row] = await $client<FoundArtifact[]>`
    SELECT payload, extract(epoch FROM consumed_at)::float8 AS "consumedAt"
    FROM oidc_artifacts WHERE model = ${model} AND digest = ${digest}`
  return row
}

/**
 * Finds codes or refresh tokens with their grants and their accounts: three reads of oidc-provider in one statement. Those
 * without a row are left out.
 *
 * @param graceSeconds how long after its consumption a token counts as just consumed, by the database's clock
 */
export function findRedeemables(
  { $client }: Database,
  { model, digests }: { readonly model: string; readonly digests: readonly Uint8Array[] },
  graceSeconds: number,
): Promise<Redeemable[]> {
  const list = digests.map((digest) => Buffer.from(digest).toString('hex')).join()
  return $client.unsafe<Redeemable[]>(FIND_REDEEMABLES, [model, list, graceSeconds], PREPARED)
}

/** Finds one code or refresh token as `findRedeemables` does. */
export async function findRedeemable(database: Database, { model, digest }: ArtifactKey, graceSeconds: number) {
  const [row] = await findRedeemables(database, { model, digests: [digest] }, graceSeconds)
  return row
}

/**
 * Finds a browser session with its account. Undefined for a session of a disabled or deleted user, or if an organization
 * requires another sign-in.
 */
export async function findSession(
  { $client }: Database,
  by: { digest: Uint8Array } | { uid: string },
): Promise<FoundSession | undefined> {
  const [row] =
    'uid' in by
      ? await $client.unsafe<FoundSession[]>(`${FIND_SESSION} uid = $1`, [by.uid], PREPARED)
      : await $client.unsafe<FoundSession[]>(`${FIND_SESSION} digest = $1`, [by.digest], PREPARED)
  return row
}

/** Finds the user of that id, unless disabled. */
export async function findEnabledAccount({ $client }: Database, id: string): Promise<SessionAccount | undefined> {
  const [row] = await $client<SessionAccount[]>`
    SELECT id, name, email, email_verified AS "emailVerified", chosen_language AS "chosenLanguage", time_zone AS "timeZone",
      floor(extract(epoch FROM updated_at))::float8 AS "updatedAt",
      ${$client.unsafe(hasSecondFactorSql('users.id'))} AS "hasSecondFactor"
    FROM users WHERE id = ${id} AND disabled_at IS NULL`
  return row
}

/** Inserts or replaces an artifact. @throws SQLSTATE DA001 if its grant is revoked or unknown */
export async function putArtifact({ $client }: Database, artifact: NewArtifact): Promise<void> {
  await $client.unsafe(PUT, artifactParameters(artifact), PREPARED)
}

/** Stores a new session. Returns false if its sign-in has ended: see `endPendingSignIns`. */
export async function putSession({ $client }: Database, session: NewArtifact): Promise<boolean> {
  return (await $client.unsafe(PUT_SESSION, artifactParameters(session), PREPARED)).length === 1
}

/**
 * Saves a session that was read as `from`, under the same id or a new one. A new id invalidates the old one, which prevents
 * session fixation. Returns false if the session has ended since, or the sign-in that it gets; it is not restored.
 */
export async function renewSession({ $client }: Database, from: Uint8Array, artifact: NewArtifact): Promise<boolean> {
  const rows = await $client.unsafe(RENEW_SESSION, [...artifactParameters(artifact), from], PREPARED)
  return rows.length === 1
}

/**
 * Inserts a grant and its first artifact, the authorization code, in one statement: without a code there is no grant. Returns
 * false, without any change, if the rows that the grant depends on no longer allow it: see `grantInsertion`.
 */
export async function insertGrant(
  { $client }: Pick<Database, '$client'>,
  grant: NewGrant,
  artifact: NewArtifact,
): Promise<boolean> {
  const rows = await $client.unsafe(
    INSERT_GRANT,
    [...artifactParameters(artifact), ...grantParameters(grant)],
    PREPARED,
  )
  return rows.length === 1
}

/**
 * Marks an artifact consumed and inserts its successor in the same statement. Returns false, without any change, if it was
 * consumed before, its grant revoked or its user disabled. The grant is locked before the artifact, in the order of a
 * revocation; the opposite order would deadlock.
 */
export async function redeemArtifact(
  { $client }: Database,
  { model, digest }: ArtifactKey,
  grantId: GrantId,
  successor?: NewArtifact,
): Promise<boolean> {
  const rows = successor
    ? await $client.unsafe(REDEEM_AND_SUCCEED, [...artifactParameters(successor), grantId, model, digest], PREPARED)
    : await $client.unsafe(REDEEM, [grantId, model, digest], PREPARED)
  return rows.length === 1
}

/**
 * Whether a refresh token was consumed at most `graceSeconds` ago and its successor is unused. The grant is locked as by
 * `redeemArtifact`, so that nothing is issued for a revoked grant or a disabled user.
 */
export async function confirmSuccessor(
  { $client }: Database,
  { key: { model, digest }, grantId, successor }: RotatedArtifact,
  graceSeconds: number,
): Promise<boolean> {
  const parameters = [grantId, model, digest, successor, graceSeconds]
  return (await $client.unsafe(CONFIRM_SUCCESSOR, parameters, PREPARED)).length === 1
}

/** Marks an artifact consumed as `redeemArtifact` does, also for a disabled user: it is invalid afterwards. */
export async function consumeArtifact(
  { $client }: Database,
  { model, digest }: ArtifactKey,
  grantId: GrantId,
): Promise<boolean> {
  return (await $client.unsafe(CONSUME, [grantId, model, digest], PREPARED)).length === 1
}

export async function deleteArtifact({ $client }: Database, { model, digest }: ArtifactKey): Promise<void> {
  await $client`DELETE FROM oidc_artifacts WHERE model = ${model} AND digest = ${digest}`
}

/** Deletes up to `limit` artifacts that expired at least a minute ago. Returns the number of deleted artifacts. */
export async function sweepArtifacts(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM oidc_artifacts WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM oidc_artifacts WHERE expires_at < now() - interval '1 minute' LIMIT ${limit}
      FOR UPDATE SKIP LOCKED))`)
  return count
}

/**
 * Deletes up to `limit` refresh tokens that were consumed more than `keptMs` ago. Until then a second use is detected and
 * revokes the grant; afterwards the token is refused as unknown. Returns the number of deleted tokens.
 */
export async function sweepConsumedRefreshTokens(db: Queryable, keptMs: number, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM oidc_artifacts WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM oidc_artifacts
      WHERE model = 'RefreshToken' AND consumed_at < now() - make_interval(secs => ${keptMs / 1000}::float8)
      ORDER BY consumed_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/** The statements are constants, prepared once for each connection: building them for each call is measurable. */
const PREPARED = { prepare: true } as const

const accountOf = (
  more = '',
) => `CASE WHEN users.id IS NOT NULL THEN json_build_object('id', users.id, 'name', users.name,
  'email', users.email, 'emailVerified', users.email_verified, 'chosenLanguage', users.chosen_language, 'timeZone', users.time_zone,
  'updatedAt', floor(extract(epoch FROM users.updated_at))::float8${more}) END AS account`

const HAS_SECOND_FACTOR = `, 'hasSecondFactor', ${hasSecondFactorSql('users.id')}`

/** The beginning of a statement that inserts an artifact. */
export const ARTIFACT_INSERT = `INSERT INTO oidc_artifacts
  (model, digest, payload, grant_id, account_id, client_id, uid, user_code, expires_at)`

/** The values of `artifactParameters`, as the first parameters of a statement. */
export const ARTIFACT_VALUES =
  '$1::text, $2::bytea, $3::jsonb, $4::text, $5::text, $6::text, $7::text, $8::text, to_timestamp($9::float8)'

// A subquery that runs for grants with their own API only: others cost nothing more.
const RESOURCE = `CASE WHEN grants.resource_server_id IS NOT NULL THEN (
    SELECT json_build_object('id', grants.resource_server_id, 'identifier', max(server.identifier),
      'scopes', coalesce(json_agg(scope ->> 'name') FILTER (WHERE scope IS NOT NULL), '[]'))
    FROM resource_servers server
      JOIN organizations organization ON organization.id = server.organization_id
      LEFT JOIN jsonb_array_elements(server.scopes) scope ON true
    WHERE server.id = grants.resource_server_id AND ${IS_ACTIVE} AND ${isAppAllowed('organization', 'client')}) END`

const FIND_REDEEMABLES = `
  SELECT artifact.digest, artifact.payload, extract(epoch FROM consumed_at)::float8 AS "consumedAt",
    coalesce(consumed_at > now() - make_interval(secs => $3), false) AS "justConsumed",
    grants.payload AS "grant", ${CURRENT_SCOPES} AS "grantScopes", ${RESOURCE} AS resource, ${accountOf()}
  FROM oidc_artifacts artifact
  LEFT JOIN grants ON grants.id = artifact.grant_id AND revoked_at IS NULL
  LEFT JOIN oidc_clients client ON client.id = grants.client_id
  LEFT JOIN users ON users.id = artifact.account_id AND disabled_at IS NULL
    AND ${isIdentityLinkedSql('grants.payload')} AND ${isSignInAllowedSql('grants.payload')}
  WHERE model = $1 AND digest = ANY (ARRAY(SELECT decode(digest, 'hex') FROM string_to_table($2, ',') AS asked (digest)))`

const FIND_SESSION = `
  SELECT payload, NULL AS "consumedAt", ${accountOf(HAS_SECOND_FACTOR)}
  FROM oidc_artifacts LEFT JOIN users ON users.id = account_id AND disabled_at IS NULL
    AND ${isCurrentSignInSql('payload')} AND ${isIdentityLinkedSql('payload')} AND ${isSignInAllowedSql('payload')}
  WHERE model = 'Session' AND (account_id IS NULL OR users.id IS NOT NULL) AND `

const PUT = `
  ${ARTIFACT_INSERT} VALUES (${ARTIFACT_VALUES})
  ON CONFLICT (model, digest) DO UPDATE SET payload = excluded.payload, account_id = excluded.account_id,
    client_id = excluded.client_id, uid = excluded.uid, expires_at = excluded.expires_at`

/**
 * The CTE with the account of a session, if its sign-in has not ended. The lock of the account waits for a change that ends
 * sign-ins, and then finds the next version.
 */
export const CURRENT_ACCOUNT = `account AS (
    SELECT FROM users WHERE id = $5::text AND ${isCurrentSignInSql('$3::jsonb')} FOR SHARE
  )`
const IS_CURRENT = '($5::text IS NULL OR EXISTS (SELECT FROM account))'

const PUT_SESSION = `WITH ${CURRENT_ACCOUNT} ${ARTIFACT_INSERT} SELECT ${ARTIFACT_VALUES} WHERE ${IS_CURRENT} RETURNING 1`

const RENEW_SESSION = `WITH ${CURRENT_ACCOUNT}
  UPDATE oidc_artifacts
  SET (model, digest, payload, grant_id, account_id, client_id, uid, user_code, expires_at) = (${ARTIFACT_VALUES})
  WHERE model = 'Session' AND digest = $10 AND ${IS_CURRENT}
  RETURNING 1`

const INSERT_GRANT = `WITH ${grantInsertion(10)} ${ARTIFACT_INSERT} SELECT ${ARTIFACT_VALUES} FROM inserted RETURNING 1`

const active = (grantId: string, user = 'disabled_at IS NULL') => `active AS (
    SELECT grants.id FROM users JOIN grants ON grants.user_id = users.id
    WHERE grants.id = ${grantId} AND revoked_at IS NULL AND ${user}
    FOR SHARE OF users FOR SHARE OF grants
  )`

const redeemed = (grantId: string, model: string, digest: string, user?: string) => `
  WITH ${active(grantId, user)},
  redeemed AS (
    UPDATE oidc_artifacts SET consumed_at = now() FROM active
    WHERE model = ${model} AND digest = ${digest} AND grant_id = active.id AND consumed_at IS NULL
    RETURNING 1
  )`

const REDEEM = `${redeemed('$1', '$2', '$3')} SELECT 1 FROM redeemed`

const CONSUME = `${redeemed('$1', '$2', '$3', 'true')} SELECT 1 FROM redeemed`

const REDEEM_AND_SUCCEED = `${redeemed('$10', '$11', '$12')} ${ARTIFACT_INSERT} SELECT ${ARTIFACT_VALUES} FROM redeemed RETURNING 1`

const CONFIRM_SUCCESSOR = `
  WITH ${active('$1')}
  SELECT 1 FROM active
  JOIN oidc_artifacts used ON used.grant_id = active.id AND used.model = $2 AND used.digest = $3
    AND used.consumed_at > now() - make_interval(secs => $5)
  JOIN oidc_artifacts successor ON successor.grant_id = active.id AND successor.model = $2 AND successor.digest = $4
    AND successor.consumed_at IS NULL AND successor.expires_at > now()`

/** Returns the parameters of `ARTIFACT_VALUES`. */
export const artifactParameters = (a: NewArtifact) => [
  a.model,
  a.digest,
  JSON.stringify(a.payload),
  a.grantId,
  a.accountId,
  a.clientId,
  a.uid,
  a.userCode,
  a.expiresAt,
]
