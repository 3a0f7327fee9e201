import { sql } from 'drizzle-orm'
import { foreignKey, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { GrantId, OrganizationId, ResourceServerId, UserId } from '../core/id.ts'
import { moment } from './column.ts'
import { organizations } from './organizations.ts'
import { users } from './users.ts'

/**
 * The consent of a user for a client, saved across authorizations. Permissions are consented for each organization: see
 * `consentOrganizations`. Only a first-party client, which acts in all organizations, has some here.
 */
export const consents = pgTable(
  'consents',
  {
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    clientId: text().notNull(),
    scopes: text().array().notNull(),
    declined: text().array().notNull().default([]), // scopes that the user left out of the last answer about them
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.userId, table.clientId] }), index('consents_client_idx').on(table.clientId)],
)

/** The permissions that a user has consented to for a client in one organization. Never empty. */
export const consentOrganizations = pgTable(
  'consent_organizations',
  {
    userId: text().$type<UserId>().notNull(),
    clientId: text().notNull(),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    scopes: text().array().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.clientId, table.organizationId] }),
    foreignKey({
      name: 'consent_organizations_consent_fk',
      columns: [table.userId, table.clientId],
      foreignColumns: [consents.userId, consents.clientId],
    }).onDelete('cascade'),
    index('consent_organizations_organization_idx').on(table.organizationId),
    index('consent_organizations_client_idx').on(table.clientId),
  ],
)

/**
 * One authorization of a client by a user, on one device. A row with `revoked_at` is a tombstone: a trigger refuses artifacts
 * with its id, and no token with its id is accepted.
 */
export const grants = pgTable(
  'grants',
  {
    id: text().$type<GrantId>().primaryKey(),
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    clientId: text().notNull(), // no foreign key: a tombstone outlives its client
    scopes: text().array().notNull(),
    organizationIds: text().array().$type<OrganizationId[]>(), // null for first-party clients: all organizations of the user
    sessionUid: text(), // the browser session that it ends with; null: it outlives the session in which it was made
    // The API with its own audience that the grant is for, and its granted scopes. Such a grant has no permissions of ours.
    // No foreign key, as for the client; without the row nothing is issued.
    resourceServerId: text().$type<ResourceServerId>(),
    resourceScopes: text().array(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(), // oidc-provider's own Grant
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment().notNull(),
    revokedAt: moment(),
    revokedReason: text(),
  },
  (table) => [
    index('grants_user_client_idx').on(table.userId, table.clientId),
    index('grants_client_idx').on(table.clientId),
    index('grants_session_idx').on(table.sessionUid).where(sql`session_uid IS NOT NULL`),
    index('grants_expiry_idx').on(table.expiresAt),
  ],
)
