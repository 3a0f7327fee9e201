import { isNotNull, sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { AuditEventId, OrganizationId, UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'

/**
 * The audit trail of each organization, in order. Append-only and chained by triggers, partitioned by month: see the
 * migration `audit`. No foreign keys: events outlive the rows that they are about.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: text().$type<AuditEventId>().notNull(),
    organizationId: text().$type<OrganizationId>().notNull(),
    sequence: bigint({ mode: 'number' }).notNull().default(0), // 1, 2, 3 … in the organization; set by trigger
    actorId: text().$type<UserId>(),
    actorEmail: text(),
    actorApiKeyPrefix: text(),
    actorApiKeySuffix: text(),
    action: text().notNull(),
    targetType: text(),
    targetId: text(),
    statusCode: integer(),
    errorMessage: text(),
    ipAddress: text(),
    userAgent: text(),
    source: text().notNull(),
    metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: moment().notNull().default(sql`now()`),
    previousHash: bytes(), // set by trigger
    hash: bytes(), // set by trigger
  },
  (table) => [
    // The id first, so that one event can be found by it; another index has the order of time.
    primaryKey({ columns: [table.id, table.createdAt] }),
    index('audit_events_sequence_idx').on(table.organizationId, table.sequence.desc().nullsFirst()),
    index('audit_events_created_idx').on(
      table.organizationId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('audit_events_actor_idx').on(table.organizationId, table.actorId, table.createdAt.desc().nullsFirst()),
    index('audit_events_target_idx').on(table.organizationId, table.targetId, table.createdAt.desc().nullsFirst()),
    // Searches are often for rare values, a denial among millions of successes: without these a page reads them all.
    index('audit_events_action_idx').on(table.organizationId, table.action, table.createdAt.desc().nullsFirst()),
    index('audit_events_email_idx').on(table.organizationId, table.actorEmail, table.createdAt.desc().nullsFirst()),
    index('audit_events_type_idx').on(table.organizationId, table.targetType, table.createdAt.desc().nullsFirst()),
    index('audit_events_status_idx').on(table.organizationId, table.statusCode, table.createdAt.desc().nullsFirst()),
    // The visible ends of a key, either of which almost identifies it; most events of people have none.
    index('audit_events_key_prefix_idx')
      .on(table.organizationId, table.actorApiKeyPrefix, table.createdAt.desc().nullsFirst())
      .where(isNotNull(table.actorApiKeyPrefix)),
    index('audit_events_key_suffix_idx')
      .on(table.organizationId, table.actorApiKeySuffix, table.createdAt.desc().nullsFirst())
      .where(isNotNull(table.actorApiKeySuffix)),
    // The history of one's own account, without the events of the resources in the same trail: `list_account_events`.
    index('audit_events_account_idx')
      .on(table.organizationId, table.createdAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`target_type IN ('user', 'session', 'oauth_app', 'grant')`),
  ],
)

/** The head of each organization's chain. It is the last lock of a transaction. */
export const auditChainHeads = pgTable('audit_chain_heads', {
  organizationId: text().$type<OrganizationId>().primaryKey(),
  sequence: bigint({ mode: 'number' }).notNull(),
  hash: bytes().notNull(),
})

/** The position and hash of an event in a chain, which identify it completely. `hash` is hexadecimal. */
export interface AuditLink {
  readonly sequence: number
  readonly hash: string
}

/** The signed end of a chain in a dropped month, so that the events after it can still be verified. */
export const auditAnchors = pgTable(
  'audit_anchors',
  {
    organizationId: text().$type<OrganizationId>().notNull(),
    sequence: bigint({ mode: 'number' }).notNull(),
    hash: bytes().notNull(),
    droppedPartition: text().notNull(),
    // Events before it in a later month: of two transactions around midnight, the later one may commit first.
    kept: jsonb().$type<readonly AuditLink[]>().notNull().default([]),
    signature: text().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.sequence] })],
)
