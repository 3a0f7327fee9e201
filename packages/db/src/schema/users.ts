import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgEnum, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { newId, type UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'

export const users = pgTable(
  'users',
  {
    id: text().$type<UserId>().primaryKey(),
    email: text().notNull(), // normalized before it is written: trimmed, NFC, lower case
    emailVerified: boolean().notNull().default(false),
    name: text().notNull(),
    signInVersion: integer().notNull().default(0), // raised when sign-ins end: see `endPendingSignIns`
    language: text(), // of the last sign-in, as a BCP 47 tag; null until one has stored it
    chosenLanguage: text(), // precedes that of the last sign-in; null unless the person has chosen one
    timeZone: text(), // in the IANA database; null unless the person has chosen one
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
    disabledAt: moment(), // for a disabled user nothing is accepted or issued
    deletedAt: moment(), // set with disabledAt: the row has no personal data and no personal organization
  },
  (table) => [
    // One account for each address in any case, also for rows that are written by hand.
    uniqueIndex('users_email_key').on(sql`lower(${table.email})`),
    // The accounts that expire without a verified address.
    index('users_unverified_idx').on(table.createdAt).where(sql`NOT email_verified AND disabled_at IS NULL`),
  ],
)

/** SQL: the language of mails to a person: the chosen one, otherwise that of the last sign-in. Null if there is neither. */
export const mailLanguageSql = sql<string | null>`coalesce(${users.chosenLanguage}, ${users.language})`

/**
 * SQL: whether a sign-in of `users` has not ended since it was made. `payload` is a JSON expression of ours with its version; a
 * session of an earlier release has none, and counts until sign-ins of its account end.
 */
export const isCurrentSignInSql = (payload: string): string =>
  `coalesce((${payload} ->> 'signInVersion')::integer, 0) = users.sign_in_version`

export const credentialKind = pgEnum('credential_kind', ['password', 'passkey', 'totp'])

export const userCredentials = pgTable(
  'user_credentials',
  {
    id: text()
      .primaryKey()
      .$defaultFn(() => newId('cred')),
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: credentialKind().notNull(),
    secret: text().notNull(), // for a password its argon2id hash in PHC form; never plain text
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    // A user has one password, and may later have several passkeys.
    uniqueIndex('user_credentials_password_key').on(table.userId).where(sql`kind = 'password'`),
    index('user_credentials_user_idx').on(table.userId),
  ],
)

/** The last verification mail of each user. Deleted when its token is redeemed. */
export const emailVerifications = pgTable(
  'email_verifications',
  {
    userId: text()
      .$type<UserId>()
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    email: text().notNull(), // the recipient: it verifies no other address
    tokenDigest: bytes().notNull(), // SHA-256 of a token with 256 random bits
    expiresAt: moment().notNull(),
    sentAt: moment().notNull().default(sql`now()`),
    // The number of mails since then, limited so that no address can be flooded.
    sent: integer().notNull().default(1),
    sentSince: moment().notNull().default(sql`now()`),
  },
  (table) => [uniqueIndex('email_verifications_token_key').on(table.tokenDigest)],
)

/** What the holder of a mailed token may do with it. */
export type MailedPurpose = 'recovery' | 'key-revocation' | 'email-change-current' | 'email-change-new' | 'factor-reset'

/** The last mail of each purpose to a user. Deleted when its token is redeemed. */
export const mailedTokens = pgTable(
  'mailed_tokens',
  {
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: text().$type<MailedPurpose>().notNull(),
    email: text().notNull(), // the recipient
    newEmail: text(), // of a change of the address
    tokenDigest: bytes().notNull(), // SHA-256 of a token with 256 random bits
    expiresAt: moment().notNull(),
    confirmedAt: moment(), // of a change that waits for the other address
    sentAt: moment().notNull().default(sql`now()`),
    // The number of mails since then, limited so that no address can be flooded.
    sent: integer().notNull().default(1),
    sentSince: moment().notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.purpose] }),
    uniqueIndex('mailed_tokens_token_key').on(table.tokenDigest),
  ],
)
