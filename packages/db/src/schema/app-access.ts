import { APP_DECISIONS } from '@daytona-auth/protocol/app-access'
import { sql } from 'drizzle-orm'
import { foreignKey, index, pgEnum, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { OrganizationId, UserId } from '../core/id.ts'
import { moment } from './column.ts'
import { organizationMembers, organizations } from './organizations.ts'
import { oidcClients } from './provider.ts'
import { users } from './users.ts'

export const appDecision = pgEnum('app_decision', APP_DECISIONS)

/** The third-party apps that organizations approved or blocked, under any policy. */
export const appDecisions = pgTable(
  'app_decisions',
  {
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    clientId: text()
      .notNull()
      .references(() => oidcClients.id, { onDelete: 'cascade' }),
    decision: appDecision().notNull(),
    decidedBy: text()
      .$type<UserId>()
      .references(() => users.id, { onDelete: 'set null' }),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.clientId] }),
    index('app_decisions_client_idx').on(table.clientId),
    index('app_decisions_decided_by_idx').on(table.decidedBy).where(sql`decided_by IS NOT NULL`),
  ],
)

/** The requests of members that their organization approve an app. They end with the membership. */
export const appRequests = pgTable(
  'app_requests',
  {
    organizationId: text().$type<OrganizationId>().notNull(),
    userId: text().$type<UserId>().notNull(),
    clientId: text()
      .notNull()
      .references(() => oidcClients.id, { onDelete: 'cascade' }),
    createdAt: moment().notNull().default(sql`now()`),
    expiresAt: moment().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId, table.clientId] }),
    foreignKey({
      name: 'app_requests_member_fk',
      columns: [table.organizationId, table.userId],
      foreignColumns: [organizationMembers.organizationId, organizationMembers.userId],
    }).onDelete('cascade'),
    index('app_requests_client_idx').on(table.clientId),
    index('app_requests_expiry_idx').on(table.expiresAt),
  ],
)
