import { isIdentityLinkedSql, isSignInAllowedSql } from '../schema/single-sign-on.ts'
import { isCurrentSignInSql } from '../schema/users.ts'
import type { NewGrant } from './grants.ts'

/**
 * Returns the CTEs that insert a grant, with parameters from `$first` on. `inserted` has the grant's id, or no row.
 *
 * The rows that a grant depends on may change during the insertion: the user is disabled, the client deleted, the session
 * ended, the consent removed. So the insertion requires these rows and locks them until it commits. A revocation removes its
 * row first, then revokes the grants that exist. In either order no grant outlives the rows that it depends on. Likewise the
 * grant omits a scope that the client has lost, and an organization that the user has left, during the authorization.
 *
 * The user is locked first, as by every such revocation, which ends pending sign-ins, too. An organization may require another sign-in than that in the payload:
 * then there is no grant.
 *
 * @param more CTEs that `condition` reads. They may refer to `account` and `client`, and are locked after those
 */
export function grantInsertion(first: number, { condition = 'true', more = '' } = {}): string {
  const [
    id,
    userId,
    clientId,
    scopes,
    organizationIds,
    sessionUid,
    payload,
    expiresAt,
    session,
    isConsented,
    outlivesSession,
    resourceServerId,
    resourceScopes,
  ] = Array.from({ length: 13 }, (_, index) => `$${first + index}`)
  const signIn = `${payload}::jsonb`
  return `
  account AS (
    SELECT id FROM users
    WHERE id = ${userId} AND disabled_at IS NULL AND ${isCurrentSignInSql(signIn)}
      AND ${isIdentityLinkedSql(signIn)} AND ${isSignInAllowedSql(signIn)} FOR SHARE
  ),
  membership AS (
    SELECT organization_id FROM account JOIN organization_members member ON user_id = account.id
    WHERE organization_id = ANY (${organizationIds}::text[]) FOR KEY SHARE OF member
  ),
  session AS (
    SELECT FROM account, oidc_artifacts artifact
    WHERE model = 'Session' AND (uid = ${sessionUid} OR digest = ${session}) AND expires_at > now()
    FOR SHARE OF artifact
  ),
  consent AS (
    SELECT FROM account JOIN consents ON user_id = account.id
    WHERE client_id = ${clientId} FOR KEY SHARE OF consents
  ),
  client AS (
    SELECT oidc.scopes FROM account, oidc_clients oidc WHERE oidc.id = ${clientId} FOR SHARE OF oidc
  ),
  ${more}
  inserted AS (
    INSERT INTO grants (id, user_id, client_id, scopes, organization_ids, session_uid, payload, expires_at,
      resource_server_id, resource_scopes)
    SELECT ${id}, ${userId}, ${clientId},
      ARRAY(SELECT scope FROM unnest(${scopes}::text[]) scope WHERE scope = 'openid' OR scope = ANY (client.scopes)),
      CASE WHEN ${organizationIds}::text[] IS NOT NULL THEN ARRAY(SELECT organization_id FROM membership) END,
      CASE WHEN NOT ${outlivesSession}::boolean THEN ${sessionUid} END, ${payload}::jsonb, to_timestamp(${expiresAt}::float8),
      ${resourceServerId}, ${resourceScopes}::text[]
    FROM client WHERE ${condition}
      AND (${session}::bytea IS NULL OR EXISTS (SELECT FROM session))
      AND (NOT ${isConsented}::boolean OR EXISTS (SELECT FROM consent))
    RETURNING id
  )`
}

/** Returns the parameters of `grantInsertion`. */
export const grantParameters = (grant: NewGrant) => [
  grant.id,
  grant.userId,
  grant.clientId,
  grant.scopes,
  grant.organizationIds,
  grant.sessionUid,
  JSON.stringify(grant.payload),
  grant.expiresAt,
  grant.session,
  grant.isConsented,
  grant.outlivesSession,
  grant.resource?.id ?? null,
  grant.resource?.scopes ?? null,
]
