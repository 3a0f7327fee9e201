import { sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import { domainOf, matchesEmail } from '../core/email-address.ts'
import type { OrganizationId } from '../core/id.ts'
import { isProtectedOwnerSql } from '../schema/single-sign-on.ts'
import { users } from '../schema/users.ts'
import type { Identity } from './identities.ts'

/** The identity provider that an organization requires for the addresses of its verified domains. */
export interface RequiredProvider {
  readonly organizationId: OrganizationId
  readonly issuer: string
  readonly name: string
}

/**
 * Finds the identity provider that an address has to sign in with, by its domain: with or without an account.
 * `isExempt`: an account with the address may sign in in other ways with a second factor, because its user is an owner of the
 * organization. One statement in either case, so that its time does not reveal an account.
 */
export async function findRequiredProvider(
  db: Queryable,
  email: string,
): Promise<(RequiredProvider & { readonly isExempt: boolean }) | undefined> {
  const domain = domainOf(email)
  const [found] = await db.execute<{
    organizationId: OrganizationId
    issuer: string
    name: string
    isExempt: boolean
  }>(sql`
    SELECT provider.organization_id AS "organizationId", provider.issuer, provider.name, EXISTS (
      SELECT FROM users WHERE ${matchesEmail(users.email, email)}
        AND ${sql.raw(isProtectedOwnerSql('provider.organization_id', 'users.id'))}
    ) AS "isExempt"
    FROM organization_domains owned JOIN identity_providers provider USING (organization_id)
    WHERE owned.domain = ${domain} AND owned.verified_at IS NOT NULL AND provider.sign_in = 'required'`)
  return found
}

/** Whether a sign-in is one with the required provider. */
export const isWithProvider = (
  { organizationId, issuer }: RequiredProvider,
  identity: Pick<Identity, 'organizationId' | 'issuer'> | undefined,
): boolean => identity?.organizationId === organizationId && identity.issuer === issuer

/**
 * Returns the identity provider that the user of an address has to sign in with instead; undefined if the sign-in counts.
 * `identity`: with which provider the user has signed in. `isStrong`: whether it included a second factor.
 */
export async function findMissingProvider(
  db: Queryable,
  email: string,
  { identity, isStrong }: { readonly identity: Identity | undefined; readonly isStrong: boolean },
): Promise<RequiredProvider | undefined> {
  const required = await findRequiredProvider(db, email)
  if (!required || isWithProvider(required, identity) || (isStrong && required.isExempt)) return undefined
  return required
}
