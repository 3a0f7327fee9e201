import { sql } from 'drizzle-orm'
import { bigint, boolean, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { OrganizationId, RegistryId, SandboxId, SnapshotId, UserId, VolumeId } from '../core/id.ts'
import { moment } from './column.ts'
import { organizations } from './organizations.ts'

/** The owner of a record: the record is deleted with its organization. */
const organizationId = () =>
  text()
    .$type<OrganizationId>()
    .notNull()
    .references(() => organizations.id, { onDelete: 'cascade' })

/** The creator of a record, and when it was created. */
const origin = () => ({
  createdBy: text().$type<UserId>(),
  createdAt: moment().notNull().default(sql`now()`),
  updatedAt: moment().notNull().default(sql`now()`),
})

/** The organization's records of sandboxes; the platform runs them. */
export const sandboxes = pgTable(
  'sandboxes',
  {
    id: text().$type<SandboxId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    snapshot: text(),
    state: text().notNull().default('creating'), // until a runner reports otherwise
    labels: jsonb().$type<Record<string, string>>().notNull().default({}),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}), // the other settings in the request
    errorReason: text(), // reported by the runner with the state
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

/** The organization's records of snapshots, from which sandboxes can be created. */
export const snapshots = pgTable(
  'snapshots',
  {
    id: text().$type<SnapshotId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    state: text().notNull().default('pending'), // until the platform reports it
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}), // the settings in the request
    size: bigint({ mode: 'number' }), // set by the platform, as the columns below
    errorReason: text(),
    sourceSandboxId: text().$type<SandboxId>(), // no foreign key: the sandbox may have been deleted
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

/** The organization's records of volumes. A deleted one stays and can be listed. */
export const volumes = pgTable(
  'volumes',
  {
    id: text().$type<VolumeId>().primaryKey(),
    organizationId: organizationId(),
    name: text().notNull(),
    state: text().notNull().default('pending_create'), // until the platform reports it
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
    // The name of a deleted volume is free at once.
    uniqueIndex('volumes_organization_name_key').on(table.organizationId, table.name).where(sql`deleted_at IS NULL`),
  ],
)

/** The organization's image registries and their credentials. */
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
