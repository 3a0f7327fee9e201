import type { OrganizationInvitation, OrganizationRole, OrganizationUser } from '@daytona-auth/sdk'
import type { Access } from '../../api/invitations.ts'

/** A line of the list: a member, or a person who is invited. */
export interface MemberRow {
  /** The id of the user or of the invitation. */
  readonly id: string
  readonly kind: 'member' | 'invitation'
  /** The name, otherwise the address. */
  readonly name: string
  readonly email: string
  readonly role: Access['role']
  readonly assignedRoles: readonly OrganizationRole[]
  /** Those that groups of the identity provider give. */
  readonly groupRoleIds: readonly string[]
  readonly createdAt: string
  /** When the invitation ends. */
  readonly expiresAt?: string
  readonly invitedBy?: string
}

/** Joins members and invitations, and keeps those whose name, address or role contains `q`. */
export function listRows(
  members: readonly OrganizationUser[],
  invitations: readonly OrganizationInvitation[],
  q: string,
): MemberRow[] {
  const wanted = normalize(q)
  const rows = [...invitations.map(rowOfInvitation), ...members.map(rowOfMember)]
  if (wanted === '') return rows
  return rows.filter(({ name, email, role, assignedRoles }) =>
    [name, email, role, ...assignedRoles.map((one) => one.name)].some((text) => normalize(text).includes(wanted)),
  )
}

export const accessOf = ({ role, assignedRoles }: MemberRow): Access => ({
  role,
  assignedRoleIds: assignedRoles.map(({ id }) => id),
})

const rowOfMember = ({
  userId,
  name,
  email,
  role,
  assignedRoles,
  groupRoleIds,
  createdAt,
}: OrganizationUser): MemberRow => ({
  id: userId,
  kind: 'member',
  name: name || email,
  email,
  role,
  assignedRoles,
  groupRoleIds,
  createdAt,
})

const rowOfInvitation = (invitation: OrganizationInvitation): MemberRow => {
  const { id, email, role, assignedRoles, createdAt, expiresAt, invitedBy } = invitation
  return {
    id,
    kind: 'invitation',
    name: email,
    email,
    role,
    assignedRoles,
    groupRoleIds: [],
    createdAt,
    expiresAt,
    invitedBy,
  }
}

const normalize = (text: string): string => text.normalize('NFKC').toLowerCase().trim()
