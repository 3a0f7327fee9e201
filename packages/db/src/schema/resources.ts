import { sql } from 'drizzle-orm'
import { bigint, boolean, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { OrganizationId, RegistryId, SandboxId, SnapshotId, UserId, VolumeId } from '../id.ts'
import { moment } from './column.ts'
import { organizations } from './organizations.ts'

/** Whose a record is: it goes with its organization. */
const organizationId = () =>
  text()
    .$type<OrganizationId>()
    .notNull()
    .references(() => organizations.id, { onDelete: 'cascade' })

/** Who made a record and when: whatever it is a record of. */
const origin = () => ({
  createdBy: text().$type<UserId>(),
  createdAt: moment().notNull().default(sql`now()`),
  updatedAt: moment().notNull().default(sql`now()`),
})

/** The organization's records of sandboxes; running them is the platform's business. */
export const sandboxes = pgTable(
  'sandboxes',
  {
    id: text().$type<SandboxId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    snapshot: text(),
    state: text().notNull().default('creating'), // until a runner reports otherwise
    labels: jsonb().$type<Record<string, string>>().notNull().default({}),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}), // what else its creator asked for
    errorReason: text(), // with the state, as the runner has it
    recoverable: boolean().notNull().default(false),
    ...origin(),
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

/** The organization's records of snapshots: what sandboxes may be made from. */
export const snapshots = pgTable(
  'snapshots',
  {
    id: text().$type<SnapshotId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    state: text().notNull().default('pending'), // until the platform has it
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}), // what its creator asked for
    size: bigint({ mode: 'number' }), // the platform's, like the rest below
    errorReason: text(),
    sourceSandboxId: text().$type<SandboxId>(), // an id that was: the sandbox may be gone
    lastUsedAt: moment(),
    ...origin(),
  },
  (table) => [
    index('snapshots_organization_idx').on(
      table.organizationId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    uniqueIndex('snapshots_organization_name_key').on(table.organizationId, table.name),
  ],
)

/** The organization's records of volumes. A deleted one stays, to be listed on demand. */
export const volumes = pgTable(
  'volumes',
  {
    id: text().$type<VolumeId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    state: text().notNull().default('pending_create'), // until the platform has it
    errorReason: text(),
    lastUsedAt: moment(),
    deletedAt: moment(),
    ...origin(),
  },
  (table) => [
    index('volumes_organization_idx').on(
      table.organizationId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    // The name of a deleted one is free at once.
    uniqueIndex('volumes_organization_name_key').on(table.organizationId, table.name).where(sql`deleted_at IS NULL`),
  ],
)

/** Where the organization's images are, and how to get at them. */
export const registries = pgTable(
  'registries',
  {
    id: text().$type<RegistryId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    url: text().notNull(),
    username: text().notNull(),
    sealedPassword: text().notNull(), // compact JWE under a key that is not in the database
    project: text().notNull().default(''),
    ...origin(),
  },
  (table) => [
    index('registries_organization_idx').on(
      table.organizationId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    uniqueIndex('registries_organization_name_key').on(table.organizationId, table.name),
  ],
)
