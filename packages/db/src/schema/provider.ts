import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, pgEnum, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { GrantId, OrganizationId, UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'
import { organizations } from './organizations.ts'
import { users } from './users.ts'

export const clientType = pgEnum('client_type', ['web', 'spa', 'native'])

export const oidcClients = pgTable(
  'oidc_clients',
  {
    id: text().primaryKey(), // the client_id
    name: text().notNull(),
    type: clientType().notNull(), // web is confidential; spa and native are public
    secretDigest: bytes(), // SHA-256 of a secret with 256 random bits
    redirectUris: text().array().notNull(),
    postLogoutRedirectUris: text().array().notNull().default(sql`'{}'`),
    scopes: text().array().notNull(), // the scopes that it may request
    homepageUri: text(),
    logoUri: text(),
    // For `web`; public clients always need PKCE. A challenge that a client sends is enforced in any case.
    requirePkce: boolean().notNull().default(false),
    // For `web`; native clients always have the device grant.
    deviceGrant: boolean().notNull().default(false),
    idTokenSignedResponseAlg: text().$type<'RS256' | 'ES256'>().notNull().default('RS256'),
    // Set by the operator only: the client acts with the user's permissions.
    firstParty: boolean().notNull().default(false),
    organizationId: text()
      .$type<OrganizationId>()
      .references(() => organizations.id, { onDelete: 'cascade' }), // null: the operator's
    createdBy: text()
      .$type<UserId>()
      .references(() => users.id, { onDelete: 'set null' }),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    index('oidc_clients_organization_idx').on(table.organizationId, table.createdAt.desc().nullsFirst()),
    index('oidc_clients_created_by_idx').on(table.createdBy).where(sql`created_by IS NOT NULL`),
  ],
)

/**
 * Everything that oidc-provider stores except clients and grants: codes, refresh tokens, sessions, interactions. `digest` is
 * the SHA-256 of the id. The id itself is a secret and is not stored, not even in the payload.
 */
export const oidcArtifacts = pgTable(
  'oidc_artifacts',
  {
    model: text().notNull(),
    digest: bytes().notNull(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(),
    grantId: text().$type<GrantId>(),
    accountId: text().$type<UserId>(),
    clientId: text(),
    uid: text(), // a session's
    userCode: text(), // a device code's
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment().notNull(),
    consumedAt: moment(),
  },
  (table) => [
    primaryKey({ columns: [table.model, table.digest] }),
    index('oidc_artifacts_grant_idx').on(table.grantId).where(sql`grant_id IS NOT NULL`),
    index('oidc_artifacts_uid_idx').on(table.uid).where(sql`uid IS NOT NULL`),
    index('oidc_artifacts_user_code_idx').on(table.userCode).where(sql`user_code IS NOT NULL`),
    index('oidc_artifacts_account_idx').on(table.accountId, table.model).where(sql`account_id IS NOT NULL`),
    // The deletion of a client deletes what was issued to it.
    index('oidc_artifacts_client_idx').on(table.clientId).where(sql`client_id IS NOT NULL`),
    index('oidc_artifacts_expiry_idx').on(table.expiresAt),
    // The sweeper deletes refresh tokens that were consumed before the reuse-detection window.
    index('oidc_artifacts_consumed_idx').on(table.consumedAt).where(sql`consumed_at IS NOT NULL`),
  ],
)

export const signingKeyStatus = pgEnum('signing_key_status', ['next', 'active', 'retired'])

export const signingKeys = pgTable('signing_keys', {
  kid: text().primaryKey(),
  alg: text().notNull(),
  status: signingKeyStatus().notNull(),
  publicJwk: jsonb().$type<Record<string, unknown>>().notNull(),
  privateJwk: text().notNull(), // compact JWE under a key that only the provider has
  createdAt: moment().notNull().default(sql`now()`),
  activatedAt: moment(),
  retiredAt: moment(),
})
