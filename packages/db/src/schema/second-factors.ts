import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'
import { users } from './users.ts'

/** The authenticator app of an account (RFC 6238). A sign-in needs a code of it, besides the password. */
export const totpFactors = pgTable('totp_factors', {
  userId: text()
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  secret: text().notNull(), // compact JWE under a key that only the provider has
  lastStep: bigint({ mode: 'number' }).notNull(), // the time step of the last accepted code: none is accepted twice
  createdAt: moment().notNull().default(sql`now()`),
})

/** The recovery codes of an account with a second factor. Deleted when they are used. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    digest: bytes().notNull(), // SHA-256 of the account and a code with 80 random bits
    createdAt: moment().notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.userId, table.digest] })],
)

/** The codes that were tried for an account since the last accepted one, counted before they are checked. */
export const secondFactorAttempts = pgTable('second_factor_attempts', {
  userId: text()
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  attempts: integer().notNull(),
  since: moment().notNull(),
})

/** The browsers that an account has trusted: a sign-in in one of them needs only the password until then. */
export const trustedBrowsers = pgTable(
  'trusted_browsers',
  {
    digest: bytes().primaryKey(), // SHA-256 of a cookie with 256 random bits
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    userAgent: text(),
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment().notNull(),
  },
  (table) => [
    index('trusted_browsers_user_idx').on(table.userId),
    index('trusted_browsers_expiry_idx').on(table.expiresAt),
  ],
)

/** What has been mailed about a removal of second factors: nothing yet, that it was requested, and a reminder. */
export type FactorResetStage = 'requested' | 'announced' | 'reminded'

/** The account whose second factors are removed after a waiting time, because its holder has lost them all. */
export const factorResets = pgTable(
  'factor_resets',
  {
    userId: text()
      .$type<UserId>()
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    email: text().notNull(), // of the account when it was requested: another address cancels it
    stage: text().$type<FactorResetStage>().notNull().default('requested'),
    startedAt: moment().notNull(),
    endsAt: moment().notNull(), // no removal before
    dueAt: moment().notNull(), // of the next mail, or of the removal; a claim moves it
  },
  (table) => [index('factor_resets_due_idx').on(table.dueAt)],
)

/** The links of the mails about a removal of second factors, each of which cancels it. */
export const factorResetLinks = pgTable(
  'factor_reset_links',
  {
    digest: bytes().primaryKey(), // SHA-256 of a token with 256 random bits
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => factorResets.userId, { onDelete: 'cascade' }),
  },
  (table) => [index('factor_reset_links_user_idx').on(table.userId)],
)

/** SQL: whether an account has a second factor, an authenticator app or a passkey. `userId` is an expression of ours. */
export const hasSecondFactorSql = (userId: string): string =>
  `(EXISTS (SELECT FROM totp_factors WHERE user_id = ${userId}) OR EXISTS (SELECT FROM passkeys WHERE user_id = ${userId}))`

/** The passkeys of an account (WebAuthn), each of which signs in without the password. */
export const passkeys = pgTable(
  'passkeys',
  {
    id: text().primaryKey(), // of the credential, in base64url
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    publicKey: bytes().notNull(), // COSE
    counter: bigint({ mode: 'number' }).notNull(), // of its last signature; 0 for a key without a counter
    isSynchronized: boolean().notNull(), // available on several devices
    requiresPassword: boolean().notNull().default(false), // after a recovery: no sign-in alone before one after the password
    userAgent: text(), // of the browser that created it
    createdAt: moment().notNull().default(sql`now()`),
    lastUsedAt: moment(),
  },
  (table) => [index('passkeys_user_idx').on(table.userId)],
)
