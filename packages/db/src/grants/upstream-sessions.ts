import { hash } from 'node:crypto'
import type { Database } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { ARTIFACT_INSERT, ARTIFACT_VALUES, artifactParameters, CURRENT_ACCOUNT, type NewArtifact } from './artifacts.ts'

/** The provider of an upstream sign-in: that of an organization, or one of the deployment. */
export interface UpstreamIssuer {
  readonly issuer: string
  readonly organizationId?: OrganizationId | undefined
}

/** The sign-in with which a browser session begins, as the upstream provider states it. */
export interface UpstreamLogin extends UpstreamIssuer {
  readonly subject: string
  /** The digest of the session there, as in `digestUpstreamSid`. Undefined if the provider does not name one. */
  readonly sid?: string | undefined
  /** When the id_token was issued, in seconds since the epoch, by the provider's clock. */
  readonly issuedAt: number
}

/**
 * The model of the marks of sessions and people at upstream providers. A mark has the account that was signed in, and since
 * when sign-ins of before are over.
 */
export const UPSTREAM_MARK = 'UpstreamSession'

/** Returns what is stored of a session at an upstream provider. Another provider's session of that name has another digest. */
export const digestUpstreamSid = ({ issuer, organizationId }: UpstreamIssuer, sid: string): string =>
  hash('sha256', JSON.stringify(['sid', organizationId ?? null, issuer, sid]), 'base64url')

/** Returns the digest of the mark of a person at an upstream provider. */
export const digestUpstreamSubject = ({ issuer, organizationId }: UpstreamIssuer, subject: string): Uint8Array =>
  hash('sha256', JSON.stringify(['sub', organizationId ?? null, issuer, subject]), 'buffer')

/** Returns the digest of the mark of a session, whose `sid` is a digest. */
export const markOfSid = (sid: string): Uint8Array => Buffer.from(sid, 'base64url')

/**
 * Saves a session that begins with an upstream sign-in, and marks the session and the person there as of its account. Returns
 * false, and saves nothing, if the provider has ended that sign-in since, as in `putSession` or `renewSession`, or if the
 * session that was read as `from` has ended.
 *
 * The marks are written before the session, and by a logout before it reads sessions: whichever comes second waits for the
 * other one, and finds its row.
 */
export async function saveUpstreamSession(
  { $client }: Database,
  login: UpstreamLogin,
  artifact: NewArtifact,
  from: Uint8Array | undefined,
): Promise<boolean> {
  const person = digestUpstreamSubject(login, login.subject)
  const session = login.sid === undefined ? null : markOfSid(login.sid)
  const parameters = [...artifactParameters(artifact), person, session, login.issuedAt]
  const rows = from
    ? await $client.unsafe(RENEW, [...parameters, from], { prepare: true })
    : await $client.unsafe(INSERT, parameters, { prepare: true })
  return rows.length === 1
}

// The account first, as by a logout, and the marks in the order of digests, so that two sign-ins of a person do not deadlock.
const BEGUN = `
  WITH ${CURRENT_ACCOUNT},
  mark AS (
    INSERT INTO oidc_artifacts (model, digest, payload, account_id, expires_at)
    SELECT '${UPSTREAM_MARK}', digest, '{}', $5::text, to_timestamp($9::float8)
    FROM account, (VALUES ($10::bytea), ($11::bytea)) given (digest) WHERE digest IS NOT NULL ORDER BY digest
    ON CONFLICT (model, digest) DO UPDATE SET account_id = excluded.account_id,
      expires_at = GREATEST(oidc_artifacts.expires_at, excluded.expires_at)
    RETURNING (payload ->> 'endedAt')::float8 AS ended_at
  ),
  begun AS (SELECT 1 FROM mark HAVING bool_and(ended_at IS NULL OR ended_at < $12::float8))`

const INSERT = `${BEGUN} ${ARTIFACT_INSERT} SELECT ${ARTIFACT_VALUES} FROM begun RETURNING 1`

const RENEW = `${BEGUN}
  UPDATE oidc_artifacts
  SET (model, digest, payload, grant_id, account_id, client_id, uid, user_code, expires_at) = (${ARTIFACT_VALUES})
  FROM begun WHERE model = 'Session' AND digest = $13
  RETURNING 1`
