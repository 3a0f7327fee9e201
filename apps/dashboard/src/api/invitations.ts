import type { OrganizationInvitation, SentOrganizationInvitation } from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

/** What an invited person or a member may do: everything as an owner, otherwise what the roles have. */
export interface Access {
  readonly role: 'owner' | 'member'
  readonly assignedRoleIds: string[]
}

/** The pending invitations of an organization, for its administrators. */
export const sentInvitations = (organizationId: string) =>
  queryOptions({
    queryKey: ['organization', organizationId, 'invitations'],
    queryFn: ({ signal }): Promise<OrganizationInvitation[]> =>
      api.organizations.invitations.list(organizationId, { signal }),
  })

/** The invitations to the signed-in person. Empty unless the address is verified. */
export const ownInvitations = queryOptions({
  queryKey: ['own-invitations'],
  queryFn: ({ signal }): Promise<OrganizationInvitation[]> => api.invitations.list({ signal }),
  staleTime: 30_000,
})

export const invite = (organizationId: string, email: string, access: Access): Promise<SentOrganizationInvitation> =>
  api.organizations.invitations.create(organizationId, { email, ...access })

/** Sends an invitation again. The link that was sent before stops working. */
export const resendInvitation = (
  organizationId: string,
  invitationId: string,
  access: Access,
): Promise<SentOrganizationInvitation> => api.organizations.invitations.update(organizationId, invitationId, access)

export const cancelInvitation = (organizationId: string, invitationId: string): Promise<void> =>
  api.organizations.invitations.cancel(organizationId, invitationId)
