import { sql } from 'drizzle-orm'
import { pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { UserId } from '../core/id.ts'
import { moment } from './column.ts'
import { users } from './users.ts'

/** The accounts at other providers that a user signs in with: one of each provider. */
export const userIdentities = pgTable(
  'user_identities',
  {
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    issuer: text().notNull(), // the provider's issuer identifier
    subject: text().notNull(), // unique at the issuer and never reassigned (OIDC Core §5.7)
    email: text().notNull(), // the verified address by which it was linked, to show
    createdAt: moment().notNull().default(sql`now()`),
    lastUsedAt: moment(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.issuer] }),
    uniqueIndex('user_identities_subject_key').on(table.issuer, table.subject),
  ],
)
