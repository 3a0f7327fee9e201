import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  foreignKey,
  index,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { ApiKeyId, GrantId, OrganizationId, UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'
import { grants } from './grants.ts'
import { organizations } from './organizations.ts'
import { users } from './users.ts'

/** The stored status. Reads derive the shown one: an `active` key past its `expires_at` is expired. */
export const apiKeyStatus = pgEnum('api_key_status', ['active', 'expired', 'revoked'])

export const apiKeys = pgTable(
  'api_keys',
  {
    id: text().$type<ApiKeyId>().primaryKey(),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }), // its home
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }), // its owner
    name: text().notNull(),
    description: text().notNull().default(''),
    permissions: text().array().notNull(), // names; packages/auth parses them
    status: apiKeyStatus().notNull().default('active'),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
    expiresAt: moment(),
    revokedAt: moment(),
    // The credential that made this key. A trigger revokes the key in the transaction that revokes the credential.
    parentKeyId: text()
      .$type<ApiKeyId>()
      .references((): AnyPgColumn => apiKeys.id, { onDelete: 'cascade' }),
    parentGrantId: text()
      .$type<GrantId>()
      .references(() => grants.id, { onDelete: 'cascade' }),
  },
  (table) => [
    // The list page reads the newest keys of one organization.
    index('api_keys_organization_idx').on(table.organizationId, table.createdAt.desc().nullsFirst()),
    index('api_keys_user_idx').on(table.userId),
    index('api_keys_parent_key_idx').on(table.parentKeyId).where(sql`parent_key_id IS NOT NULL`),
    index('api_keys_parent_grant_idx').on(table.parentGrantId).where(sql`parent_grant_id IS NOT NULL`),
    // The sweeper marks expired keys.
    index('api_keys_expiry_idx').on(table.expiresAt).where(sql`status = 'active' AND expires_at IS NOT NULL`),
    // Retention deletes keys that ended long ago.
    index('api_keys_end_idx').on(sql`coalesce(revoked_at, expires_at, updated_at)`).where(sql`status <> 'active'`),
  ],
)

/** One row for each secret: several of a key are valid during a rotation's grace. */
export const apiKeySecrets = pgTable(
  'api_key_secrets',
  {
    digest: bytes().primaryKey(), // SHA-256 of the whole key
    keyId: text()
      .$type<ApiKeyId>()
      .notNull()
      .references(() => apiKeys.id, { onDelete: 'cascade' }),
    hint: text().notNull(), // the masked form that lists show
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment(), // null for the current secret; the end of its grace for one rotated out
    lastUsedAt: moment(),
    lastUsedIp: text(),
    lastUsedRoute: text(), // such as `GET /sandbox`, without text of the request
    lastDeniedAt: moment(),
    lastDeniedIp: text(),
    lastDenialReason: text(), // of the log, without text of the request; null if it has none
  },
  (table) => [
    index('api_key_secrets_key_idx').on(table.keyId, table.createdAt.desc().nullsFirst()),
    uniqueIndex('api_key_secrets_current_key').on(table.keyId).where(sql`expires_at IS NULL`),
    // A search by the last characters.
    index('api_key_secrets_last_characters_idx').on(sql`right(hint, 4)`),
    // Retention deletes secrets whose grace ended long ago.
    index('api_key_secrets_expiry_idx').on(table.expiresAt).where(sql`expires_at IS NOT NULL`),
  ],
)

/** The organizations in which a key may act, including its home. */
export const apiKeyOrganizations = pgTable(
  'api_key_organizations',
  {
    keyId: text()
      .$type<ApiKeyId>()
      .notNull()
      .references(() => apiKeys.id, { onDelete: 'cascade' }),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    // Copies of the key's columns, kept by trigger, for the indexes below.
    userId: text().$type<UserId>().notNull(),
    name: text().notNull(),
    active: boolean().notNull().default(true),
    expiresAt: moment(),
    permissions: text().array().notNull().default(sql`'{}'`),
  },
  (table) => [
    primaryKey({ columns: [table.keyId, table.organizationId] }),
    // A name is free as soon as its key is expired or revoked.
    uniqueIndex('api_key_organizations_name_key').on(table.organizationId, table.userId, table.name).where(sql`active`),
    // Pages of an organization's keys. Without the second one, a page of active keys would read the others too. A search for a
    // word reads it only, and not the rows: it includes name, user_id, permissions and expires_at, which drizzle cannot express.
    index('api_key_organizations_organization_idx').on(table.organizationId, table.keyId),
    index('api_key_organizations_search_idx').on(table.organizationId, table.keyId).where(sql`active`),
    // Pages in other orders, and the keys that expire soon.
    index('api_key_organizations_lower_name_idx')
      .on(table.organizationId, sql`lower(name)`, table.keyId)
      .where(sql`active`),
    index('api_key_organizations_expiry_idx')
      .on(table.organizationId, sql`coalesce(expires_at, 'infinity')`, table.keyId)
      .where(sql`active`),
    // Few of many keys administer an organization.
    index('api_key_organizations_administration_idx')
      .on(table.organizationId, table.keyId)
      .where(sql`active AND permissions @> ARRAY['admin:organization']`),
  ],
)

/**
 * The last use of each active key, for the indexes of its organizations' keys. Triggers keep it. It is no column of
 * `api_key_organizations`: a write there would add an entry to each of its indexes, and wait for locks of authority.
 */
export const apiKeyLastUses = pgTable(
  'api_key_last_uses',
  {
    keyId: text().$type<ApiKeyId>().notNull(),
    organizationId: text().$type<OrganizationId>().notNull(),
    lastUsedAt: moment().notNull().default(sql`'-infinity'`), // of any of its secrets, up to a minute late
  },
  (table) => [
    primaryKey({ columns: [table.keyId, table.organizationId] }),
    foreignKey({
      name: 'api_key_last_uses_key_organization_fk',
      columns: [table.keyId, table.organizationId],
      foreignColumns: [apiKeyOrganizations.keyId, apiKeyOrganizations.organizationId],
    }).onDelete('cascade'),
    // Pages in the order of the last use, and the keys that are unused.
    index('api_key_last_uses_order_idx').on(table.organizationId, table.lastUsedAt, table.keyId),
  ],
)

/** The usage of a key in an hour: counted in memory, written in batches. */
export const apiKeyUsage = pgTable(
  'api_key_usage',
  {
    keyId: text()
      .$type<ApiKeyId>()
      .notNull()
      .references(() => apiKeys.id, { onDelete: 'cascade' }),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    hour: moment().notNull(),
    allowed: bigint({ mode: 'number' }).notNull().default(0),
    denied: bigint({ mode: 'number' }).notNull().default(0),
    deniedBy: jsonb().$type<Readonly<Record<string, number>>>().notNull().default({}), // by reason
  },
  (table) => [
    primaryKey({ columns: [table.keyId, table.organizationId, table.hour] }),
    // Totals of an organization over a span of time.
    index('api_key_usage_organization_idx').on(table.organizationId, table.hour),
    // The roll-up reads the oldest hours of all keys.
    index('api_key_usage_hour_idx').on(table.hour),
  ],
)

/** The usage of a key on a day of UTC whose hours are no longer kept: see `rollUpUsage`. */
export const apiKeyUsageDays = pgTable(
  'api_key_usage_days',
  {
    keyId: text()
      .$type<ApiKeyId>()
      .notNull()
      .references(() => apiKeys.id, { onDelete: 'cascade' }),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    day: moment().notNull(), // its beginning
    allowed: bigint({ mode: 'number' }).notNull().default(0),
    denied: bigint({ mode: 'number' }).notNull().default(0),
    deniedBy: jsonb().$type<Readonly<Record<string, number>>>().notNull().default({}), // by reason
  },
  (table) => [
    primaryKey({ columns: [table.keyId, table.organizationId, table.day] }),
    index('api_key_usage_days_organization_idx').on(table.organizationId, table.day),
    index('api_key_usage_days_day_idx').on(table.day),
  ],
)
