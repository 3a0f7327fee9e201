import { and, asc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { matchesEmail } from '../core/email-address.ts'
import type { InvitationId, OrganizationId, RoleId, UserId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { invitationRoles, organizationInvitations, organizations, roles } from '../schema/organizations.ts'
import { users } from '../schema/users.ts'
import type { RoleRow } from './roles.ts'

/** An invitation as it may be shown: without the digest of its token. */
export interface InvitationRow {
  readonly id: InvitationId
  readonly organizationId: OrganizationId
  readonly organizationName: string
  /** The invited address: only a user with this verified address may accept. */
  readonly email: string
  readonly role: 'owner' | 'member'
  readonly assignedRoles: readonly RoleRow[]
  readonly invitedBy: UserId
  readonly inviterEmail: string
  readonly inviterName: string
  readonly status: 'pending' | 'accepted' | 'declined' | 'cancelled'
  readonly expiresAt: Date
  /** By the database's clock when it is read. */
  readonly isExpired: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The access that an invitation gives, its expiry, and the digest of its mailed token. */
export interface InvitationContent {
  readonly role: 'owner' | 'member'
  readonly roleIds: readonly RoleId[]
  readonly invitedBy: UserId
  readonly tokenDigest: Uint8Array
  readonly expiresAt: Date
}

const {
  id,
  organizationId: ofOrganization,
  email,
  role,
  status,
  invitedBy,
  tokenDigest,
  expiresAt,
} = organizationInvitations

const forEmail = (address: string) => matchesEmail(email, address)

const isOpen = and(eq(status, 'pending'), sql`${expiresAt} > now()`)

/** Lists a page of the pending invitations, newest first, including expired ones: they can be sent again. */
export const listInvitations = (
  db: Queryable,
  organizationId: OrganizationId,
  page: PageRequest<number>,
): Promise<Page<InvitationRow, number>> =>
  readPage(db, and(eq(ofOrganization, organizationId), eq(status, 'pending')), page)

/** Lists a page of the open invitations of an address to any organization, newest first. */
export const listInvitationsTo = (
  db: Queryable,
  address: string,
  page: PageRequest<number>,
): Promise<Page<InvitationRow, number>> => readPage(db, and(forEmail(address), isOpen), page)

export const countInvitationsTo = (db: Queryable, address: string): Promise<number> =>
  db.$count(organizationInvitations, and(forEmail(address), isOpen))

export async function findInvitation(
  db: Queryable,
  organizationId: OrganizationId,
  invitationId: string,
): Promise<InvitationRow | undefined> {
  const [row] = await read(db, and(eq(ofOrganization, organizationId), eq(id, invitationId as InvitationId)))
  return row
}

/** Finds an invitation by its id and the invited address. */
export async function findInvitationTo(
  db: Queryable,
  address: string,
  invitationId: string,
): Promise<InvitationRow | undefined> {
  const [row] = await read(db, and(forEmail(address), eq(id, invitationId as InvitationId)))
  return row
}

/** Finds an open invitation by the digest of its mailed token. */
export async function findInvitationByToken(db: Queryable, digest: Uint8Array): Promise<InvitationRow | undefined> {
  const [row] = await read(db, and(eq(tokenDigest, digest), isOpen))
  return row
}

/** Finds the open invitation of an address. The caller has locked the organization, so that it stays the only one. */
export async function findOpenInvitation(
  tx: AuditedTx,
  organizationId: OrganizationId,
  address: string,
): Promise<InvitationRow | undefined> {
  const [row] = await read(tx, and(eq(ofOrganization, organizationId), forEmail(address), isOpen))
  return row
}

export async function insertInvitation(
  tx: AuditedTx,
  organizationId: OrganizationId,
  invitationId: InvitationId,
  { email: address, roleIds, ...content }: InvitationContent & { readonly email: string },
): Promise<void> {
  // The new invitation replaces an expired one.
  await tx
    .update(organizationInvitations)
    .set({ status: 'cancelled', updatedAt: sql`now()` })
    .where(and(eq(ofOrganization, organizationId), forEmail(address), eq(status, 'pending')))
  await tx.insert(organizationInvitations).values({ id: invitationId, organizationId, email: address, ...content })
  await assign(tx, invitationId, roleIds)
}

/** Replaces the access, expiry and token of a pending invitation. The previous token is invalid. */
export async function renewInvitation(
  tx: AuditedTx,
  organizationId: OrganizationId,
  invitationId: InvitationId,
  { roleIds, ...content }: InvitationContent,
): Promise<void> {
  await tx
    .update(organizationInvitations)
    .set({ ...content, updatedAt: sql`now()` })
    .where(and(eq(ofOrganization, organizationId), eq(id, invitationId), eq(status, 'pending')))
  await tx.delete(invitationRoles).where(eq(invitationRoles.invitationId, invitationId))
  await assign(tx, invitationId, roleIds)
}

async function assign(tx: AuditedTx, invitationId: InvitationId, roleIds: readonly RoleId[]) {
  if (roleIds.length === 0) return
  await tx.insert(invitationRoles).values([...new Set(roleIds)].map((roleId) => ({ invitationId, roleId })))
}

/** Sets the final status of a pending invitation. Returns false if it has one already. */
export async function settleInvitation(
  tx: AuditedTx,
  organizationId: OrganizationId,
  invitationId: InvitationId,
  outcome: Exclude<InvitationRow['status'], 'pending'>,
): Promise<boolean> {
  const settled = await tx
    .update(organizationInvitations)
    .set({ status: outcome, updatedAt: sql`now()` })
    .where(and(eq(ofOrganization, organizationId), eq(id, invitationId), eq(status, 'pending')))
    .returning({ id })
  return settled.length > 0
}

/**
 * Redeems a mailed token and verifies the address of the account that it was mailed to. Returns false if the token was
 * redeemed, replaced or has expired, or the account has another address.
 */
export async function redeemInvitationToken(tx: AuditedTx, digest: Uint8Array, userId: UserId): Promise<boolean> {
  const [invitation] = await tx
    .select({ id, email })
    .from(organizationInvitations)
    .where(and(eq(tokenDigest, digest), isOpen))
    .for('update')
  if (!invitation) return false
  const verified = await tx
    .update(users)
    .set({ emailVerified: true, updatedAt: sql`now()` })
    .where(and(eq(users.id, userId), isNull(users.disabledAt), matchesEmail(users.email, invitation.email)))
    .returning({ id: users.id })
  if (verified.length === 0) return false
  await tx
    .update(organizationInvitations)
    .set({ tokenDigest: sql`sha256(convert_to('redeemed ' || ${id} || gen_random_uuid(), 'UTF8'))` })
    .where(eq(id, invitation.id))
  return true
}

const columns = {
  id,
  organizationId: ofOrganization,
  organizationName: organizations.name,
  email,
  role,
  invitedBy,
  inviterEmail: users.email,
  inviterName: users.name,
  status,
  expiresAt,
  isExpired: sql<boolean>`${expiresAt} <= now()`,
  createdAt: organizationInvitations.createdAt,
  updatedAt: organizationInvitations.updatedAt,
}

async function read(db: Queryable, where: SQL | undefined): Promise<InvitationRow[]> {
  const rows = await db
    .select(columns)
    .from(organizationInvitations)
    .innerJoin(organizations, eq(organizations.id, ofOrganization))
    .innerJoin(users, eq(users.id, invitedBy))
    .where(where)
  return withRoles(db, rows)
}

async function readPage(
  db: Queryable,
  where: SQL | undefined,
  { limit, after }: PageRequest<number>,
): Promise<Page<InvitationRow, number>> {
  const { orderBy, behind, value } = byMoment(organizationInvitations.createdAt, id, 'desc', after)
  const rows = await db
    .select({ row: columns, value })
    .from(organizationInvitations)
    .innerJoin(organizations, eq(organizations.id, ofOrganization))
    .innerJoin(users, eq(users.id, invitedBy))
    .where(and(where, behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  const page = pageOfPositions(rows, limit)
  return { rows: await withRoles(db, page.rows), next: page.next }
}

async function withRoles(
  db: Queryable,
  rows: readonly Omit<InvitationRow, 'assignedRoles'>[],
): Promise<InvitationRow[]> {
  if (rows.length === 0) return []
  const assigned = await db
    .select({ invitationId: invitationRoles.invitationId, role: roles })
    .from(invitationRoles)
    .innerJoin(roles, eq(roles.id, invitationRoles.roleId))
    .where(sql`${invitationRoles.invitationId} = ANY (${sql.param(rows.map((row) => row.id))}::text[])`)
    .orderBy(asc(roles.name), asc(roles.id))
  const byInvitation = Map.groupBy(assigned, (one) => one.invitationId)
  return rows.map((row) => ({ ...row, assignedRoles: (byInvitation.get(row.id) ?? []).map((one) => one.role) }))
}
