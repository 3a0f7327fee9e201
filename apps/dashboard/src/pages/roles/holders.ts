import type { OrganizationInvitation, OrganizationUser } from '@daytona-auth/sdk'

/** Who has a role, or would have it with their invitation. */
export interface Holder {
  readonly id: string
  readonly name: string
  readonly isInvited: boolean
}

/** Lists the members and the invited people that have a role. Owners hold every permission without one. */
export function holdersOf(
  roleId: string,
  members: readonly OrganizationUser[],
  invitations: readonly OrganizationInvitation[],
): Holder[] {
  const hasRole = ({ assignedRoles }: Pick<OrganizationUser, 'assignedRoles'>): boolean =>
    assignedRoles.some(({ id }) => id === roleId)
  return [
    ...members
      .filter(hasRole)
      .map(({ userId, name, email }) => ({ id: userId, name: name || email, isInvited: false })),
    ...invitations.filter(hasRole).map(({ id, email }) => ({ id, name: email, isInvited: true })),
  ]
}

/** Formats a number of people: "1 person", "3 people". */
export const countPeople = (count: number): string => `${count} ${count === 1 ? 'person' : 'people'}`
