import { eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { EMAIL_DOMAIN } from '../core/email-address.ts'
import type { OrganizationId } from '../core/id.ts'
import { hasSecondFactorSql } from '../schema/second-factors.ts'
import { identityProviders } from '../schema/single-sign-on.ts'
import type { IdentityProviderRow } from './identity-providers.ts'

/** Whether addresses in the verified domains of an organization can sign in in other ways than with its identity provider. */
export type SignInRule = IdentityProviderRow['signIn']

/** Sets whether an organization requires its identity provider. Returns false if it has none. */
export async function setSignInRule(tx: AuditedTx, organizationId: OrganizationId, rule: SignInRule): Promise<boolean> {
  const changed = await tx
    .update(identityProviders)
    .set({ signIn: rule, updatedAt: sql`now()` })
    .where(eq(identityProviders.organizationId, organizationId))
    .returning({ organizationId: identityProviders.organizationId })
  return changed.length > 0
}

/**
 * Returns why an organization cannot require its identity provider: it has verified no domain, or no owner would be sure of a
 * way in. An owner is if the provider has signed the owner in, with an own second factor, or with an address that the rule
 * does not concern.
 */
export async function findSignInObstacle(
  db: Queryable,
  organizationId: OrganizationId,
): Promise<'domain' | 'owner' | undefined> {
  const [found] = await db.execute<{ domain: boolean; owner: boolean }>(sql`
    WITH owned AS (
      SELECT domain FROM organization_domains
      WHERE organization_id = ${organizationId} AND verified_at IS NOT NULL
    )
    SELECT EXISTS (SELECT FROM owned) AS domain, EXISTS (
      SELECT FROM organization_members member
      JOIN users ON users.id = member.user_id AND users.disabled_at IS NULL
      WHERE member.organization_id = ${organizationId} AND member.role = 'owner' AND (
        ${sql.raw(EMAIL_DOMAIN)} NOT IN (SELECT domain FROM owned)
        OR ${sql.raw(hasSecondFactorSql('users.id'))}
        OR EXISTS (
          SELECT FROM organization_identities identity
          JOIN identity_providers provider USING (organization_id, issuer)
          WHERE identity.organization_id = member.organization_id AND identity.user_id = users.id
        )
      )
    ) AS owner`)
  if (!found?.domain) return 'domain'
  return found.owner ? undefined : 'owner'
}
