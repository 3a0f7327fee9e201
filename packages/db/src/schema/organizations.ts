import { APP_ACCESS_POLICIES } from '@daytona-auth/protocol/app-access'
import type { QuotaResource } from '@daytona-auth/protocol/quotas'
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { InvitationId, OrganizationId, RoleId, UserId } from '../core/id.ts'
import { bytes, moment } from './column.ts'
import { users } from './users.ts'

export const appAccessPolicy = pgEnum('app_access_policy', APP_ACCESS_POLICIES)

export const organizations = pgTable(
  'organizations',
  {
    id: text().$type<OrganizationId>().primaryKey(),
    name: text().notNull(),
    personal: boolean().notNull().default(false),
    createdBy: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
    suspendedAt: moment(), // set by the operator: writes of resources are refused, nothing else
    suspensionReason: text(),
    suspendedUntil: moment(),
    requireSecondFactor: boolean().notNull().default(false), // tokens of sign-ins without one are refused; keys are not
    appAccess: appAccessPolicy().notNull().default('any'), // for third-party apps without a decision in app_decisions
  },
  (table) => [
    uniqueIndex('organizations_personal_key').on(table.createdBy).where(sql`personal`),
    index('organizations_created_by_idx').on(table.createdBy),
  ],
)

/** What the operator allows an organization to have. Checked by the trigger `check_quota` of each counted table. */
export const organizationQuotas = pgTable(
  'organization_quotas',
  {
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    resource: text().$type<QuotaResource>().notNull(),
    maximum: integer().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.resource] }),
    check('organization_quotas_maximum_check', sql`maximum >= 0`),
  ],
)

export const memberRole = pgEnum('member_role', ['owner', 'member'])

export const organizationMembers = pgTable(
  'organization_members',
  {
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    userId: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: memberRole().notNull(), // an owner holds every permission, a member the union of its assigned roles
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    // Verification and the list of a user's organizations start from the user.
    index('organization_members_user_idx').on(table.userId),
    // Pages of an organization's members.
    index('organization_members_organization_idx').on(table.organizationId, table.createdAt, table.userId),
  ],
)

export const roles = pgTable(
  'roles',
  {
    id: text().$type<RoleId>().primaryKey(),
    organizationId: text()
      .$type<OrganizationId>()
      .references(() => organizations.id, { onDelete: 'cascade' }), // null: built in, for all organizations
    name: text().notNull(),
    description: text().notNull().default(''),
    permissions: text().array().notNull(), // names; packages/auth parses them
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    uniqueIndex('roles_organization_name_key').on(table.organizationId, table.name),
    uniqueIndex('roles_global_name_key').on(table.name).where(sql`organization_id IS NULL`),
  ],
)

export const memberRoles = pgTable(
  'member_roles',
  {
    organizationId: text().$type<OrganizationId>().notNull(),
    userId: text().$type<UserId>().notNull(),
    roleId: text()
      .$type<RoleId>()
      .notNull()
      .references(() => roles.id, { onDelete: 'cascade' }),
    byHand: boolean().notNull().default(true), // assigned in the organization
    byGroups: boolean().notNull().default(false), // by the groups of the last sign-in with the identity provider
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId, table.roleId] }),
    foreignKey({
      name: 'member_roles_member_fk',
      columns: [table.organizationId, table.userId],
      foreignColumns: [organizationMembers.organizationId, organizationMembers.userId],
    }).onDelete('cascade'),
    index('member_roles_role_idx').on(table.roleId),
  ],
)

export const invitationStatus = pgEnum('invitation_status', ['pending', 'accepted', 'declined', 'cancelled'])

export const organizationInvitations = pgTable(
  'organization_invitations',
  {
    id: text().$type<InvitationId>().primaryKey(),
    organizationId: text()
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    email: text().notNull(), // only this address, verified, may accept
    role: memberRole().notNull(),
    invitedBy: text()
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    status: invitationStatus().notNull().default('pending'),
    tokenDigest: bytes().notNull().unique(), // the mailed token itself is not stored
    expiresAt: moment().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (table) => [
    index('organization_invitations_organization_idx').on(table.organizationId, table.createdAt.desc().nullsFirst()),
    // Pages of an organization's pending invitations.
    index('organization_invitations_open_idx')
      .on(table.organizationId, table.createdAt.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`status = 'pending'`),
    index('organization_invitations_invited_by_idx').on(table.invitedBy),
    index('organization_invitations_email_idx').on(sql`lower(${table.email})`),
    // Retention deletes invitations that were settled or expired long ago.
    index('organization_invitations_end_idx').on(sql`greatest(${table.updatedAt}, ${table.expiresAt})`),
    // An address has at most one pending invitation to an organization.
    uniqueIndex('organization_invitations_pending_key')
      .on(table.organizationId, sql`lower(${table.email})`)
      .where(sql`status = 'pending'`),
  ],
)

export const invitationRoles = pgTable(
  'invitation_roles',
  {
    invitationId: text()
      .$type<InvitationId>()
      .notNull()
      .references(() => organizationInvitations.id, { onDelete: 'cascade' }),
    roleId: text()
      .$type<RoleId>()
      .notNull()
      .references(() => roles.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.invitationId, table.roleId] }),
    index('invitation_roles_role_idx').on(table.roleId),
  ],
)
