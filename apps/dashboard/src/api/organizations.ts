import { type OrganizationUser, PERMISSIONS, type Permission } from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => api.users.me({ signal }),
  staleTime: 60_000,
})

export const organizations = queryOptions({
  queryKey: ['organizations'],
  queryFn: ({ signal }) => api.organizations.list({ signal }),
  staleTime: 60_000,
})

export const members = (organizationId: string) =>
  queryOptions({
    queryKey: ['organization', organizationId, 'members'],
    queryFn: ({ signal }) => api.organizations.members.list(organizationId, { signal }),
    staleTime: 60_000,
  })

/** The roles that may be assigned in the organization, built-in ones first. */
export const roles = (organizationId: string) =>
  queryOptions({
    queryKey: ['organization', organizationId, 'roles'],
    queryFn: ({ signal }) => api.organizations.roles.list(organizationId, { signal }),
    staleTime: 60_000,
  })

/** What a member may do in the organization: everything as an owner, otherwise what the assigned roles have. */
export function permissionsOf(member: OrganizationUser | undefined): ReadonlySet<Permission> {
  if (member?.role === 'owner') return new Set(PERMISSIONS)
  const names = new Set((member?.assignedRoles ?? []).flatMap(({ permissions }) => permissions))
  return names.has('admin:organization') ? new Set(PERMISSIONS) : names
}
