import { sql } from 'drizzle-orm'
import type { Queryable } from './client.ts'
import type { OrganizationId, UserId } from './id.ts'

/** What a step of the provider depends on. What is not named is not checked. */
export interface ProviderStep {
  readonly userId: UserId
  /** The browser session that the page was answered in. */
  readonly sessionUid?: string
  readonly clientId?: string
  /** Those that the user must be a member of. */
  readonly organizationIds?: readonly OrganizationId[]
}

export type ProviderStepPart = 'user' | 'membership' | 'session' | 'client'

/**
 * Locks what a step of the provider depends on until the transaction ends. Returns which part is gone, or undefined: the
 * user is enabled, the session is theirs and has not expired, the client exists and the memberships are there.
 *
 * The user is locked first, as by `lock_authority`, and exclusively: a step may go on to write the user's own row. After
 * waiting PostgreSQL compares the newest version of a row, but for a key share lock, with which it takes the old version of
 * one that is changed and not deleted: so the session, which may be made to expire, has a share lock.
 */
export async function confirmProviderStep(
  tx: Queryable,
  { userId, sessionUid, clientId, organizationIds = [] }: ProviderStep,
): Promise<ProviderStepPart | undefined> {
  const organizations = [...new Set(organizationIds)]
  const [found] = await tx.execute<{ user: boolean; memberships: number; session: boolean; client: boolean }>(sql`
    WITH account AS (SELECT id FROM users WHERE id = ${userId} AND disabled_at IS NULL FOR NO KEY UPDATE),
    membership AS (
      SELECT organization_id FROM account JOIN organization_members member ON member.user_id = account.id
      WHERE organization_id = ANY (${sql.param(organizations)}::text[]) FOR KEY SHARE OF member
    ),
    session AS (
      SELECT FROM account JOIN oidc_artifacts artifact ON artifact.account_id = account.id
      WHERE model = 'Session' AND uid = ${sessionUid ?? null} AND expires_at > now() FOR SHARE OF artifact
    ),
    client AS (
      SELECT FROM account CROSS JOIN oidc_clients one WHERE one.id = ${clientId ?? null} FOR KEY SHARE OF one
    )
    SELECT EXISTS (SELECT FROM account) AS user, (SELECT count(*)::int FROM membership) AS memberships,
      EXISTS (SELECT FROM session) AS session, EXISTS (SELECT FROM client) AS client`)
  if (!found?.user) return 'user'
  if (found.memberships < organizations.length) return 'membership'
  if (sessionUid !== undefined && !found.session) return 'session'
  if (clientId !== undefined && !found.client) return 'client'
  return undefined
}
