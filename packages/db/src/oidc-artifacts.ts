import { sql } from 'drizzle-orm'
import type { Database, Queryable } from './client.ts'
import { grantInsertion, grantParameters } from './grant-insertion.ts'
import { CURRENT_SCOPES, type NewGrant } from './grants.ts'
import type { GrantId, UserId } from './id.ts'

type Json = Record<string, unknown>

/** Where an artifact lies: the model's name and the SHA-256 of its id. */
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

/** A user for whom tokens may be issued: known and not disabled. */
export interface EnabledAccount {
  readonly id: UserId
  readonly name: string
  readonly email: string
  readonly emailVerified: boolean
  /** When name or address were last changed, in whole seconds since the epoch. */
  readonly updatedAt: number
}

export interface FoundArtifact {
  readonly payload: Json
  /** Seconds since the epoch. */
  readonly consumedAt: number | null
}

export interface FoundWithAccount extends FoundArtifact {
  readonly account: EnabledAccount | null
}

/** What a token endpoint request needs to know of what it redeems. */
export interface Redeemable extends FoundWithAccount {
  /** Consumed within the grace: a second tab or a lost response, not yet a theft. */
  readonly justConsumed: boolean
  /** oidc-provider's payload of the grant; null when that is revoked or gone. */
  readonly grant: Json | null
  /** The scopes that the grant and its client have now, which may be fewer than the payloads name. */
  readonly grantScopes: readonly string[] | null
}

export async function findArtifact({ $client }: Database, { model, digest }: ArtifactKey) {
  const [row] = await $client<FoundArtifact[]>`
    SELECT payload, extract(epoch FROM consumed_at)::float8 AS "consumedAt"
    FROM oidc_artifacts WHERE model = ${model} AND digest = ${digest}`
  return row
}

/**
 * A code or refresh token together with its grant and its account: three of oidc-provider's reads in one statement.
 * `graceSeconds` is how long ago a consumption still counts as just now, by the database's clock.
 */
export async function findRedeemable({ $client }: Database, { model, digest }: ArtifactKey, graceSeconds: number) {
  const [row] = await $client.unsafe<Redeemable[]>(FIND_REDEEMABLE, [model, digest, graceSeconds], PREPARED)
  return row
}

/** A browser session with its account. A session of a disabled or removed user is none. */
export async function findSession({ $client }: Database, by: { digest: Uint8Array } | { uid: string }) {
  const [row] =
    'uid' in by
      ? await $client.unsafe<FoundWithAccount[]>(`${FIND_SESSION} uid = $1`, [by.uid], PREPARED)
      : await $client.unsafe<FoundWithAccount[]>(`${FIND_SESSION} digest = $1`, [by.digest], PREPARED)
  return row
}

/** The user of that id, unless disabled. */
export async function findEnabledAccount({ $client }: Database, id: string): Promise<EnabledAccount | undefined> {
  const [row] = await $client<EnabledAccount[]>`
    SELECT id, name, email, email_verified AS "emailVerified", floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
    FROM users WHERE id = ${id} AND disabled_at IS NULL`
  return row
}

/** Writes an artifact, or anew. @throws SQLSTATE DA001 when its grant is revoked or unknown */
export async function putArtifact({ $client }: Database, artifact: NewArtifact): Promise<void> {
  await $client.unsafe(PUT, values(artifact), PREPARED)
}

/**
 * Saves a session that was read as `from`, under the same id or a new one: then the old id opens nothing any more, so
 * that a fixated one is worth nothing. False when it has been ended meanwhile: it does not come back to life.
 */
export async function renewSession({ $client }: Database, from: Uint8Array, artifact: NewArtifact): Promise<boolean> {
  const rows = await $client.unsafe(RENEW_SESSION, [...values(artifact), from], PREPARED)
  return rows.length === 1
}

/**
 * A grant and the first artifact under it, the authorization code, in one statement: no code, no grant. False when what
 * the grant would come from has been taken back: then nothing is written.
 */
export async function insertGrant(
  { $client }: Pick<Database, '$client'>,
  grant: NewGrant,
  artifact: NewArtifact,
): Promise<boolean> {
  const rows = await $client.unsafe(INSERT_GRANT, [...values(artifact), ...grantParameters(grant)], PREPARED)
  return rows.length === 1
}

/**
 * Marks an artifact consumed and, in the same statement, writes the one that succeeds it. False when another was
 * first, or the grant was revoked or its user disabled: then nothing is written. The grant's lock is
 * taken before the artifact's, as a revocation takes them; the other way round the two would wait for each other.
 */
export async function redeemArtifact(
  { $client }: Database,
  { model, digest }: ArtifactKey,
  grantId: GrantId,
  successor?: NewArtifact,
): Promise<boolean> {
  const rows = successor
    ? await $client.unsafe(REDEEM_AND_SUCCEED, [...values(successor), grantId, model, digest], PREPARED)
    : await $client.unsafe(REDEEM, [grantId, model, digest], PREPARED)
  return rows.length === 1
}

/** Marks an artifact consumed as `redeemArtifact` does, also that of a disabled user: it is good for nothing afterwards. */
export async function consumeArtifact(
  { $client }: Database,
  { model, digest }: ArtifactKey,
  grantId: GrantId,
): Promise<boolean> {
  return (await $client.unsafe(USE_UP, [grantId, model, digest], PREPARED)).length === 1
}

export async function deleteArtifact({ $client }: Database, { model, digest }: ArtifactKey): Promise<void> {
  await $client`DELETE FROM oidc_artifacts WHERE model = ${model} AND digest = ${digest}`
}

/** Removes up to `limit` artifacts that expired a minute ago or earlier. Returns how many. */
export async function sweepArtifacts(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM oidc_artifacts WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM oidc_artifacts WHERE expires_at < now() - interval '1 minute' LIMIT ${limit}
      FOR UPDATE SKIP LOCKED))`)
  return count
}

/**
 * Removes up to `limit` refresh tokens that were consumed more than `keptMs` ago. Until then a second use of one is noticed
 * and revokes its grant; afterwards it is refused like one that never existed. Returns how many.
 */
export async function sweepConsumedRefreshTokens(db: Queryable, keptMs: number, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM oidc_artifacts WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM oidc_artifacts
      WHERE model = 'RefreshToken' AND consumed_at < now() - make_interval(secs => ${keptMs / 1000}::float8)
      ORDER BY consumed_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/** Whole texts, prepared once for each connection: putting them together anew for each call shows in a profile. */
const PREPARED = { prepare: true } as const

const ACCOUNT = `CASE WHEN users.id IS NOT NULL THEN json_build_object('id', users.id, 'name', users.name,
  'email', users.email, 'emailVerified', users.email_verified,
  'updatedAt', floor(extract(epoch FROM users.updated_at))::float8) END AS account`

const INSERT = `INSERT INTO oidc_artifacts
  (model, digest, payload, grant_id, account_id, client_id, uid, user_code, expires_at)`

const VALUES =
  '$1::text, $2::bytea, $3::jsonb, $4::text, $5::text, $6::text, $7::text, $8::text, to_timestamp($9::float8)'

const FIND_REDEEMABLE = `
  SELECT artifact.payload, extract(epoch FROM consumed_at)::float8 AS "consumedAt",
    coalesce(consumed_at > now() - make_interval(secs => $3), false) AS "justConsumed",
    grants.payload AS "grant", ${CURRENT_SCOPES} AS "grantScopes", ${ACCOUNT}
  FROM oidc_artifacts artifact
  LEFT JOIN grants ON grants.id = artifact.grant_id AND revoked_at IS NULL
  LEFT JOIN oidc_clients client ON client.id = grants.client_id
  LEFT JOIN users ON users.id = artifact.account_id AND disabled_at IS NULL
  WHERE model = $1 AND digest = $2`

const FIND_SESSION = `
  SELECT payload, NULL AS "consumedAt", ${ACCOUNT}
  FROM oidc_artifacts LEFT JOIN users ON users.id = account_id AND disabled_at IS NULL
  WHERE model = 'Session' AND (account_id IS NULL OR users.id IS NOT NULL) AND `

const PUT = `
  ${INSERT} VALUES (${VALUES})
  ON CONFLICT (model, digest) DO UPDATE SET payload = excluded.payload, account_id = excluded.account_id,
    client_id = excluded.client_id, uid = excluded.uid, expires_at = excluded.expires_at`

const RENEW_SESSION = `
  UPDATE oidc_artifacts
  SET (model, digest, payload, grant_id, account_id, client_id, uid, user_code, expires_at) = (${VALUES})
  WHERE model = 'Session' AND digest = $10
  RETURNING 1`

const INSERT_GRANT = `WITH ${grantInsertion(10)} ${INSERT} SELECT ${VALUES} FROM inserted RETURNING 1`

const redeemed = (grantId: string, model: string, digest: string, user = 'disabled_at IS NULL') => `
  WITH live AS (
    SELECT grants.id FROM users JOIN grants ON grants.user_id = users.id
    WHERE grants.id = ${grantId} AND revoked_at IS NULL AND ${user}
    FOR SHARE OF users FOR SHARE OF grants
  ),
  redeemed AS (
    UPDATE oidc_artifacts SET consumed_at = now() FROM live
    WHERE model = ${model} AND digest = ${digest} AND grant_id = live.id AND consumed_at IS NULL
    RETURNING 1
  )`

const REDEEM = `${redeemed('$1', '$2', '$3')} SELECT 1 FROM redeemed`

const USE_UP = `${redeemed('$1', '$2', '$3', 'true')} SELECT 1 FROM redeemed`

const REDEEM_AND_SUCCEED = `${redeemed('$10', '$11', '$12')} ${INSERT} SELECT ${VALUES} FROM redeemed RETURNING 1`

const values = (a: NewArtifact) => [
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
