import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { OrganizationId, SandboxId, UserId } from '../id.ts'
import { moment } from './column.ts'
import { organizations } from './organizations.ts'

/** The organization's records of sandboxes; running them is the platform's business. */
export const sandboxes = pgTable(
  'sandboxes',
  {
    id: text().$type<SandboxId>().primaryKey(),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    snapshot: text(),
    state: text().notNull().default('creating'), // until a runner reports otherwise
    labels: jsonb().$type<Record<string, string>>().notNull().default({}),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}), // what else its creator asked for
    createdBy: text().$type<UserId>(),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    index('sandboxes_organization_idx').on(
      table.organizationId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    uniqueIndex('sandboxes_organization_name_key').on(table.organizationId, table.name),
  ],
)
