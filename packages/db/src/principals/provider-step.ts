import { ACR } from '@daytona-auth/protocol/authentication-context'
import { sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { hasSecondFactorSql } from '../schema/second-factors.ts'

/** The rows that a step of the provider depends on. Absent members are not checked. */
export interface ProviderStep {
  readonly userId: UserId
  /** The browser session in which the page was submitted. */
  readonly sessionUid?: string
  /** How long ago the sign-in of that session may be, for a step that needs a recent one. */
  readonly signedInWithinSeconds?: number
  /** If the account has a second factor: whether the sign-in of that session must have included one. */
  readonly withSecondFactor?: boolean
  readonly clientId?: string
  /** The organizations of which the user must be a member. */
  readonly organizationIds?: readonly OrganizationId[]
}

export type ProviderStepPart = 'user' | 'membership' | 'session' | 'sign-in' | 'client'

/**
 * Locks the rows that a step of the provider depends on until the transaction ends. Returns the part that is missing.
 * Undefined: the user is enabled, the session is the user's and has not expired, the client and the memberships exist.
 *
 * The user is locked first, as by `lock_authority`, and exclusively: a step may then write the user's row.
 *
 * After a lock wait PostgreSQL evaluates the newest version of a row. A key share lock instead does not wait for an update,
 * and evaluates the old version. So the session, whose expiry may be changed, has a share lock.
 */
export async function confirmProviderStep(
  tx: Queryable,
  { userId, sessionUid, signedInWithinSeconds, withSecondFactor, clientId, organizationIds = [] }: ProviderStep,
): Promise<ProviderStepPart | undefined> {
  const organizations = [...new Set(organizationIds)]
  const [found] = await tx.execute<{
    user: boolean
    memberships: number
    session: boolean
    isRecent: boolean
    isStrong: boolean
    client: boolean
  }>(sql`
    WITH account AS (SELECT id FROM users WHERE id = ${userId} AND disabled_at IS NULL FOR NO KEY UPDATE),
    membership AS (
      SELECT organization_id FROM account JOIN organization_members member ON member.user_id = account.id
      WHERE organization_id = ANY (${sql.param(organizations)}::text[]) FOR KEY SHARE OF member
    ),
    session AS (
      SELECT to_timestamp((payload ->> 'loginTs')::float8) AS signed_in_at, payload ->> 'acr' AS acr
      FROM account JOIN oidc_artifacts artifact ON artifact.account_id = account.id
      WHERE model = 'Session' AND uid = ${sessionUid ?? null} AND expires_at > now() FOR SHARE OF artifact
    ),
    client AS (
      SELECT FROM account CROSS JOIN oidc_clients oidc WHERE oidc.id = ${clientId ?? null} FOR KEY SHARE OF oidc
    )
    SELECT EXISTS (SELECT FROM account) AS user, (SELECT count(*)::int FROM membership) AS memberships,
      EXISTS (SELECT FROM session) AS session,
      EXISTS (
        SELECT FROM session
        WHERE signed_in_at >= clock_timestamp() - make_interval(secs => ${signedInWithinSeconds ?? null}::float8)
      ) AS "isRecent",
      (EXISTS (SELECT FROM session WHERE acr = ${ACR.multiFactor})
        OR NOT EXISTS (SELECT FROM account WHERE ${sql.raw(hasSecondFactorSql('account.id'))})) AS "isStrong", EXISTS (SELECT FROM client) AS client`)
  if (!found?.user) return 'user'
  if (found.memberships < organizations.length) return 'membership'
  if (sessionUid !== undefined && !found.session) return 'session'
  if (signedInWithinSeconds !== undefined && !found.isRecent) return 'sign-in'
  if (withSecondFactor && !found.isStrong) return 'sign-in'
  if (clientId !== undefined && !found.client) return 'client'
  return undefined
}
