import type { NewGrant } from './grants.ts'

/**
 * The birth of a grant as CTEs, whose parameters stand at `$first` and after: `born` has its id, or no row.
 *
 * What a grant comes from may be taken back at the moment of its birth: the client deleted, the session ended, the
 * consent removed. So it is held until the grant is there, and has to be there itself; whoever takes it back removes it
 * first and kills the grants that there are then. In either order no grant outlives what it came from. Likewise a scope
 * that the client lost, or an organization that the user left, while the authorization was under way is not in the grant.
 */
export function born(first: number, condition = 'true'): string {
  const [id, userId, clientId, scopes, organizationIds, sessionUid, payload, expiresAt, session, isConsented] =
    Array.from({ length: 10 }, (_, index) => `$${first + index}`)
  return `
  client AS (SELECT scopes FROM oidc_clients WHERE id = ${clientId} FOR SHARE),
  membership AS (
    SELECT organization_id FROM organization_members
    WHERE user_id = ${userId} AND organization_id = ANY (${organizationIds}::text[]) FOR KEY SHARE
  ),
  session AS (
    SELECT FROM oidc_artifacts
    WHERE model = 'Session' AND (uid = ${sessionUid} OR digest = ${session}) FOR KEY SHARE
  ),
  consent AS (SELECT FROM consents WHERE user_id = ${userId} AND client_id = ${clientId} FOR KEY SHARE),
  born AS (
    INSERT INTO grants (id, user_id, client_id, scopes, organization_ids, session_uid, payload, expires_at)
    SELECT ${id}, ${userId}, ${clientId},
      ARRAY(SELECT scope FROM unnest(${scopes}::text[]) scope WHERE scope = 'openid' OR scope = ANY (client.scopes)),
      CASE WHEN ${organizationIds}::text[] IS NOT NULL THEN ARRAY(SELECT organization_id FROM membership) END,
      ${sessionUid}, ${payload}::jsonb, to_timestamp(${expiresAt}::float8)
    FROM client WHERE ${condition}
      AND (${session}::bytea IS NULL OR EXISTS (SELECT FROM session))
      AND (NOT ${isConsented}::boolean OR EXISTS (SELECT FROM consent))
    RETURNING id
  )`
}

/** The parameters of `born`. */
export const birthOf = (grant: NewGrant) => [
  ...[grant.id, grant.userId, grant.clientId, grant.scopes, grant.organizationIds, grant.sessionUid],
  ...[JSON.stringify(grant.payload), grant.expiresAt, grant.session, grant.isConsented],
]
