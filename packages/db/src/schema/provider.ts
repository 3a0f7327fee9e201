import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type {
  ClientSecretId,
  GrantId,
  InitialAccessTokenId,
  OrganizationId,
  ResourceServerId,
  UserId,
} from '../core/id.ts'
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
    // A copy of the digest of the oldest valid secret, for servers of the previous release.
    secretDigest: bytes(),
    redirectUris: text().array().notNull(),
    postLogoutRedirectUris: text().array().notNull().default(sql`'{}'`),
    scopes: text().array().notNull(), // the scopes that it may request
    homepageUri: text(),
    logoUri: text(),
    // For `web`; public clients always need PKCE. A challenge that a client sends is enforced in any case.
    requirePkce: boolean().notNull().default(false),
    // Authorizations must be pushed by the client (RFC 9126), not sent through the browser.
    requirePushedAuthorizationRequests: boolean().notNull().default(false),
    // Authorizations must be signed by the client (RFC 9101); with the algorithm, if one is set.
    requireSignedRequestObject: boolean().notNull().default(false),
    requestObjectSigningAlg: text().$type<'ES256' | 'ES384' | 'RS256' | 'PS256' | 'EdDSA'>(),
    // The client's tokens are issued only with a proof of a key (RFC 9449). A proof that it sends binds them in any case.
    dpopBoundAccessTokens: boolean().notNull().default(false),
    // For `web`; native clients always have the device grant.
    deviceGrant: boolean().notNull().default(false),
    // For `web`. With a key, its secrets are not accepted.
    tokenEndpointAuthMethod: text()
      .$type<'client_secret_basic' | 'private_key_jwt'>()
      .notNull()
      .default('client_secret_basic'),
    jwks: jsonb().$type<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>(), // public keys
    jwksUri: text(),
    idTokenSignedResponseAlg: text().$type<'RS256' | 'ES256'>().notNull().default('RS256'),
    // Where logout tokens are sent when a session ends (OpenID Connect Back-Channel Logout 1.0).
    backchannelLogoutUri: text(),
    backchannelLogoutSessionRequired: boolean().notNull().default(false),
    // In seconds; null: those of the deployment, which are the most in any case.
    defaultMaxAge: integer(), // a sign-in that is older is asked for again
    refreshTokenTtl: integer(), // of an unused token
    refreshTokenAbsoluteTtl: integer(), // of a family of tokens
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

/** A scope of an API with its own audience. */
export interface ResourceScope {
  readonly name: string
  /** Shown on the consent page. */
  readonly description: string
}

/**
 * An API that an organization registered as an audience of access tokens (RFC 8707). No trigger notifies of a change: the
 * provider reads the row for each authorization, redemption and introspection.
 */
export const resourceServers = pgTable(
  'resource_servers',
  {
    id: text().$type<ResourceServerId>().primaryKey(),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    identifier: text().notNull(), // an absolute URI; the `aud` of its tokens
    name: text().notNull(),
    scopes: jsonb().$type<readonly ResourceScope[]>().notNull(),
    enabled: boolean().notNull().default(true),
    createdBy: text()
      .$type<UserId>()
      .references(() => users.id, { onDelete: 'set null' }),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    uniqueIndex('resource_servers_identifier_key').on(table.identifier),
    index('resource_servers_organization_idx').on(table.organizationId, table.createdAt.desc().nullsFirst()),
    index('resource_servers_created_by_idx').on(table.createdBy).where(sql`created_by IS NOT NULL`),
  ],
)

/** Tokens of the operator with which clients may register themselves (RFC 7591 §1.2). */
export const initialAccessTokens = pgTable(
  'initial_access_tokens',
  {
    id: text().$type<InitialAccessTokenId>().primaryKey(),
    name: text().notNull(),
    digest: bytes().notNull(), // SHA-256 of a token with 256 random bits
    hint: text().notNull(), // the masked form that lists show
    uses: integer().notNull().default(0),
    maxUses: integer().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment().notNull(),
  },
  (table) => [
    uniqueIndex('initial_access_tokens_digest_key').on(table.digest),
    index('initial_access_tokens_expiry_idx').on(table.expiresAt),
  ],
)

/**
 * The clients that registered themselves: by a request (RFC 7591), or as the URL of a document about them, which is their id.
 * The operator does not vouch for them, so they are of no organization and have none of the rights of the operator's clients.
 */
export const clientRegistrations = pgTable(
  'client_registrations',
  {
    clientId: text()
      .primaryKey()
      .references(() => oidcClients.id, { onDelete: 'cascade' }),
    // The token that the request came with; null without one, and after its deletion.
    initialAccessTokenId: text().$type<InitialAccessTokenId>(),
    documentExpiresAt: moment(), // when the document is fetched again; null for a request
    managementDigest: bytes(), // SHA-256 of the registration access token (RFC 7592); null for a document
    createdAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    foreignKey({
      name: 'client_registrations_token_fk',
      columns: [table.initialAccessTokenId],
      foreignColumns: [initialAccessTokens.id],
    }).onDelete('set null'),
    index('client_registrations_age_idx').on(table.createdAt),
    index('client_registrations_token_idx')
      .on(table.initialAccessTokenId)
      .where(sql`initial_access_token_id IS NOT NULL`),
  ],
)

/** The secrets of a confidential client. Each is valid, so that an app can change from one to the next. */
export const oidcClientSecrets = pgTable(
  'oidc_client_secrets',
  {
    id: text().$type<ClientSecretId>().primaryKey(),
    clientId: text()
      .notNull()
      .references(() => oidcClients.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    digest: bytes().notNull(), // SHA-256 of a secret with 256 random bits
    hint: text(), // the masked form that lists show; null for a secret of an earlier release
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment(),
    lastUsedAt: moment(),
  },
  (table) => [index('oidc_client_secrets_client_idx').on(table.clientId)],
)

/**
 * The refused requests of a client, counted by what was wrong with them. `recordClientDenials` keeps a few rows for each client,
 * and no secret.
 */
export const oidcClientDenials = pgTable(
  'oidc_client_denials',
  {
    clientId: text()
      .notNull()
      .references(() => oidcClients.id, { onDelete: 'cascade' }),
    reason: text().$type<ClientDenialReason>().notNull(),
    redirectUri: text().notNull(), // as it was sent, without user, query and fragment; empty for other reasons
    count: bigint({ mode: 'number' }).notNull(),
    firstAt: moment().notNull(),
    lastAt: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.clientId, table.reason, table.redirectUri] })],
)

/** The OAuth errors that say that an app is not set up as it is registered. Decisions of people are not among them. */
export const CLIENT_DENIAL_REASONS = [
  'invalid_redirect_uri',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
] as const
export type ClientDenialReason = (typeof CLIENT_DENIAL_REASONS)[number]

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

/**
 * Logout tokens to deliver to clients of ended sessions. A trigger inserts them, in the transaction that ends the session.
 * Without foreign keys: the user may be deleted, and a client is read at the delivery.
 */
export const backchannelLogouts = pgTable(
  'backchannel_logouts',
  {
    id: text().primaryKey().default(sql`gen_random_uuid()`),
    clientId: text().notNull(),
    userId: text().$type<UserId>().notNull(),
    sid: text().notNull(), // the id of the session for this client
    attempts: integer().notNull().default(0),
    dueAt: moment().notNull().default(sql`now()`),
    createdAt: moment().notNull().default(sql`now()`),
  },
  (table) => [index('backchannel_logouts_due_idx').on(table.clientId, table.dueAt)],
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
