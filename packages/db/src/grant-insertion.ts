import type { NewGrant } from './grants.ts'

/**
 * The birth of a grant as CTEs, whose parameters stand at `$first` and after: `inserted` has its id, or no row.
 *
 * What a grant comes from may be taken back at the moment of its birth: the user disabled, the client
 * deleted, the session ended, the consent removed. So it is held until the grant is there, and has to be there itself; whoever takes it back removes it
 * first and kills the grants that there are then. In either order no grant outlives what it came from. Likewise a scope
 * that the client lost, or an organization that the user left, while the authorization was under way is not in the grant.
 * The user is locked first, as by whoever takes something of theirs back. `more` are CTEs that `condition` reads; they may
 * refer to `account` and `client`, so that what they lock is locked after those.
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
  ] = Array.from({ length: 11 }, (_, index) => `$${first + index}`)
  return `
  account AS (SELECT id FROM users WHERE id = ${userId} AND disabled_at IS NULL FOR SHARE),
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
    INSERT INTO grants (id, user_id, client_id, scopes, organization_ids, session_uid, payload, expires_at)
    SELECT ${id}, ${userId}, ${clientId},
      ARRAY(SELECT scope FROM unnest(${scopes}::text[]) scope WHERE scope = 'openid' OR scope = ANY (client.scopes)),
      CASE WHEN ${organizationIds}::text[] IS NOT NULL THEN ARRAY(SELECT organization_id FROM membership) END,
      CASE WHEN NOT ${outlivesSession}::boolean THEN ${sessionUid} END, ${payload}::jsonb, to_timestamp(${expiresAt}::float8)
    FROM client WHERE ${condition}
      AND (${session}::bytea IS NULL OR EXISTS (SELECT FROM session))
      AND (NOT ${isConsented}::boolean OR EXISTS (SELECT FROM consent))
    RETURNING id
  )`
}

/** The parameters of `inserted`. */
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
]
