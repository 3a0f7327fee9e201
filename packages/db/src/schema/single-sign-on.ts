import { ACR } from '@daytona-auth/protocol/authentication-context'
import { sql } from 'drizzle-orm'
import { check, index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { emailDomainSql } from '../core/email-address.ts'
import type { DomainId, OrganizationId, RoleId, UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'
import { organizations } from './organizations.ts'
import { hasSecondFactorSql } from './second-factors.ts'
import { users } from './users.ts'

/** The e-mail domains of organizations: claimed by anyone, verified by who publishes a DNS record in them. */
export const organizationDomains = pgTable(
  'organization_domains',
  {
    id: text().$type<DomainId>().primaryKey(),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    domain: text().notNull(), // lower case, in ASCII (RFC 5891)
    token: text().notNull(), // the value of the DNS record, and public with it
    verifiedAt: moment(), // null: claimed only, without any effect
    confirmedAt: moment(), // when the record was found last
    checkedAt: moment(), // when it was looked up last
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    uniqueIndex('organization_domains_organization_domain_key').on(table.organizationId, table.domain),
    // A domain belongs to one organization. Claims without a proof keep it from no other one.
    uniqueIndex('organization_domains_verified_key').on(table.domain).where(sql`verified_at IS NOT NULL`),
    index('organization_domains_organization_idx').on(
      table.organizationId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    // Verified domains are looked up again, the one that was looked up longest ago first.
    index('organization_domains_checked_idx').on(table.checkedAt).where(sql`verified_at IS NOT NULL`),
  ],
)

/** The roles that members of a group at an identity provider have. */
export interface GroupRoles {
  readonly group: string
  readonly roleIds: readonly RoleId[]
}

/** The OpenID provider of an organization, with which addresses in its verified domains sign in. */
export const identityProviders = pgTable(
  'identity_providers',
  {
    organizationId: text()
      .$type<OrganizationId>()
      .primaryKey()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    name: text().notNull(), // on the sign-in page
    issuer: text().notNull(),
    clientId: text().notNull(),
    sealedClientSecret: text().notNull(),
    scopes: text().array().notNull(),
    newMemberRoleIds: text().array().$type<RoleId[]>(), // of people who sign in with it; null: they need an invitation
    groupsClaim: text(), // the claim with the groups of a person there; null: groups give no roles
    groupRoles: jsonb().$type<readonly GroupRoles[]>().notNull().default([]),
    signIn: text().$type<'optional' | 'required'>().notNull().default('optional'), // required: no other way in for these addresses
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  () => [check('identity_providers_sign_in_check', sql`sign_in IN ('optional', 'required')`)],
)

/** SQL: whether a user is an owner of an organization with a second factor. Both parameters are expressions of ours. */
export const isProtectedOwnerSql = (organizationId: string, userId: string): string => `(EXISTS (
    SELECT FROM organization_members member
    WHERE member.organization_id = ${organizationId} AND member.user_id = ${userId} AND member.role = 'owner'
  ) AND ${hasSecondFactorSql(userId)})`

/**
 * SQL: whether the sign-in of a session or grant still counts for `users`: no organization requires another one for the address
 * as it is now. Evaluated at each use, so that it follows a requirement that is set later, a domain that is verified later, and
 * an address that changes. `payload` is a JSON expression of ours with the `acr` and the `identity` of the sign-in, and `user` an
 * alias of `users`.
 */
export const isSignInAllowedSql = (payload: string, user = 'users'): string => `NOT EXISTS (
    SELECT FROM organization_domains domain
    JOIN identity_providers provider ON provider.organization_id = domain.organization_id
    WHERE domain.domain = ${emailDomainSql(user)} AND domain.verified_at IS NOT NULL AND provider.sign_in = 'required'
      AND ((${payload} #>> '{identity,organizationId}') IS DISTINCT FROM provider.organization_id
        OR (${payload} #>> '{identity,issuer}') IS DISTINCT FROM provider.issuer)
      AND NOT (coalesce(${payload} ->> 'acr' IN ('${ACR.multiFactor}', '${ACR.trustedBrowser}'), false)
        AND ${isProtectedOwnerSql('provider.organization_id', `${user}.id`)})
  )`

/**
 * SQL: whether the organization whose identity provider a sign-in was made with, if any, still has that provider. Without the
 * link, whose removal revokes grants: a server that only verifies tokens may not read it. `payload` as above.
 */
export const hasProviderSql = (
  payload: string,
): string => `((${payload} #>> '{identity,organizationId}') IS NULL OR EXISTS (
    SELECT FROM identity_providers provider
    WHERE provider.organization_id = (${payload} #>> '{identity,organizationId}')
      AND provider.issuer = (${payload} #>> '{identity,issuer}')))`

/**
 * SQL: whether the identity that a sign-in was made with, if any, is still linked to `users`, and the organization still has the
 * provider that stated it. Evaluated at each use, so that a sign-in does not outlive its link. `payload` as above.
 */
export const isIdentityLinkedSql = (payload: string): string => {
  const [organizationId, issuer, subject] = ['organizationId', 'issuer', 'subject'].map(
    (name) => `(${payload} #>> '{identity,${name}}')`,
  )
  const isLinked = `linked.user_id = users.id AND linked.issuer = ${issuer} AND linked.subject = ${subject}`
  return `CASE WHEN ${issuer} IS NULL THEN true
    WHEN ${organizationId} IS NULL THEN EXISTS (SELECT FROM user_identities linked WHERE ${isLinked})
    ELSE EXISTS (
      SELECT FROM organization_identities linked JOIN identity_providers provider USING (organization_id, issuer)
      WHERE linked.organization_id = ${organizationId} AND ${isLinked}) END`
}

/**
 * The accounts at the identity providers of organizations that users sign in with. They are apart from `user_identities`: what
 * one organization's provider states about an issuer and a subject opens no account that another provider has linked.
 */
export const organizationIdentities = pgTable(
  'organization_identities',
  {
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    issuer: text().notNull(),
    subject: text().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
    lastUsedAt: moment(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    uniqueIndex('organization_identities_subject_key').on(table.organizationId, table.issuer, table.subject),
    index('organization_identities_user_idx').on(table.userId),
  ],
)

/** Who was removed from an organization, or left it: only an invitation brings them back, not the identity provider. */
export const removedMembers = pgTable(
  'removed_members',
  {
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    userId: text().$type<UserId>().notNull(), // also of a deleted account
    emailDigest: bytes().notNull(), // of the address at that time: another account with it does not count as new
    removedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    index('removed_members_email_idx').on(table.organizationId, table.emailDigest),
  ],
)
