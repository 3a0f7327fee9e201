import { hash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { UserId } from '../core/id.ts'
import type { EndedAccess } from '../grants/grants.ts'
import {
  digestUpstreamSid,
  digestUpstreamSubject,
  markOfSid,
  UPSTREAM_MARK,
  type UpstreamIssuer,
} from '../grants/upstream-sessions.ts'
import { type LockedAccount, lockAccount } from './account-changes.ts'
import { findUserOfIdentity } from './identities.ts'
import { endUserSession } from './own-access.ts'

/** A verified logout token of an upstream provider. It has a subject, a session, or both. */
export interface UpstreamLogout extends UpstreamIssuer {
  readonly subject?: string | undefined
  readonly sid?: string | undefined
  /** Identifies the token at its issuer. */
  readonly jti: string
  /** When it was issued, in seconds since the epoch, by the provider's clock. */
  readonly issuedAt: number
  /** Until when it would be accepted once more, in seconds since the epoch. */
  readonly acceptedUntil: number
}

/** A browser session that an upstream provider has ended. */
export interface EndedUpstreamSession extends EndedAccess {
  readonly uid: string
  readonly userId: UserId
  readonly account: LockedAccount
}

/** Longer than any sign-in takes between the answer of the provider and our session. */
const MARK_LIFETIME = '2 hours'

const REASON = 'signed out at the identity provider'

/**
 * Ends the browser sessions that began with a sign-in at the upstream provider, and revokes the grants made in them: those of
 * its session if the token names one, otherwise all of its subject. A session whose provider named none at the sign-in
 * counts as the named one of its subject. Sign-ins of before that have no session yet will get none: see
 * `saveUpstreamSession`. Returns undefined, and changes nothing, for a token that was used before.
 */
export async function endUpstreamSessions(
  tx: AuditedTx,
  logout: UpstreamLogout,
): Promise<readonly EndedUpstreamSession[] | undefined> {
  if (!(await rememberToken(tx, logout))) return undefined
  const accounts = await lockAccountsOf(tx, logout)
  const ended: EndedUpstreamSession[] = []
  for (const userId of await markEnded(tx, logout, accounts)) {
    for (const uid of await listSessionsOf(tx, userId, logout)) {
      const account = accounts.get(userId)
      const access = account && (await endUserSession(tx, userId, uid, REASON))
      if (account && access) ended.push({ ...access, uid, userId, account })
    }
  }
  return ended
}

/** Returns false if a token with that `jti` was used before: of concurrent requests, one wins. */
async function rememberToken(
  tx: AuditedTx,
  { issuer, organizationId, jti, acceptedUntil }: UpstreamLogout,
): Promise<boolean> {
  const digest = hash('sha256', JSON.stringify([organizationId ?? null, issuer, jti]), 'buffer')
  const { count } = await tx.execute(sql`
    INSERT INTO oidc_artifacts (model, digest, payload, expires_at)
    VALUES ('UpstreamLogoutToken', ${digest}, '{}', to_timestamp(${acceptedUntil}::float8))
    ON CONFLICT (model, digest) DO NOTHING`)
  return count === 1
}

/** Locks the accounts that the session or the person has signed in, in the order of ids and before any other row. */
async function lockAccountsOf(tx: AuditedTx, logout: UpstreamLogout): Promise<Map<UserId, LockedAccount>> {
  const { subject } = logout
  const marked = await tx.execute<{ userId: UserId }>(sql`
    SELECT account_id AS "userId" FROM oidc_artifacts
    WHERE model = ${UPSTREAM_MARK} AND digest = ${markOf(logout)} AND account_id IS NOT NULL`)
  const linked = subject === undefined ? undefined : await findUserOfIdentity(tx, { ...logout, subject })
  const found = new Set([...marked.map(({ userId }) => userId), ...(linked === undefined ? [] : [linked])])
  const accounts = new Map<UserId, LockedAccount>()
  for (const userId of [...found].sort()) await lockInto(tx, accounts, userId)
  return accounts
}

async function lockInto(tx: AuditedTx, accounts: Map<UserId, LockedAccount>, userId: UserId): Promise<void> {
  const account = await lockAccount(tx, userId)
  if (account) accounts.set(userId, account)
}

/** Marks the session, or every session of the person, as ended. Returns the accounts, with one that signed in concurrently. */
async function markEnded(
  tx: AuditedTx,
  logout: UpstreamLogout,
  accounts: Map<UserId, LockedAccount>,
): Promise<Iterable<UserId>> {
  const { issuedAt } = logout
  const [mark] = await tx.execute<{ userId: UserId | null }>(sql`
    INSERT INTO oidc_artifacts (model, digest, payload, expires_at)
    VALUES (${UPSTREAM_MARK}, ${markOf(logout)}, jsonb_build_object('endedAt', ${issuedAt}::float8),
      now() + ${MARK_LIFETIME}::interval)
    ON CONFLICT (model, digest) DO UPDATE SET
      payload = jsonb_build_object('endedAt',
        GREATEST((oidc_artifacts.payload ->> 'endedAt')::float8, ${issuedAt}::float8)),
      expires_at = GREATEST(oidc_artifacts.expires_at, excluded.expires_at)
    RETURNING account_id AS "userId"`)
  if (mark?.userId && !accounts.has(mark.userId)) await lockInto(tx, accounts, mark.userId)
  return accounts.keys()
}

const markOf = (logout: UpstreamLogout): Uint8Array =>
  logout.sid === undefined
    ? digestUpstreamSubject(logout, logout.subject ?? '')
    : markOfSid(digestUpstreamSid(logout, logout.sid))

async function listSessionsOf(tx: AuditedTx, userId: UserId, logout: UpstreamLogout): Promise<string[]> {
  const { issuer, organizationId = null, subject = null, sid } = logout
  const session = sid === undefined ? null : digestUpstreamSid(logout, sid)
  const rows = await tx.execute<{ uid: string }>(sql`
    SELECT uid FROM oidc_artifacts
    WHERE model = 'Session' AND account_id = ${userId} AND uid IS NOT NULL
      AND payload #>> '{identity,issuer}' = ${issuer}
      AND payload #>> '{identity,organizationId}' IS NOT DISTINCT FROM ${organizationId}::text
      AND coalesce(payload #>> '{identity,subject}' = ${subject}::text, ${subject}::text IS NULL)
      AND CASE WHEN ${session}::text IS NULL THEN true
        ELSE coalesce(payload #>> '{identity,session,sid}' = ${session}::text, ${subject}::text IS NOT NULL) END
    ORDER BY uid`)
  return rows.map(({ uid }) => uid)
}
