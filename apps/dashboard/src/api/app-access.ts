import type { Organization } from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import { organizations } from './organizations.ts'
import { queryClient } from './query-client.ts'

export type AppAccessPolicy = Organization['appAccess']

/** What an administrator does about an app. */
export type AppAction = 'approve' | 'block' | 'decline' | 'delete'

const keyOf = (organizationId: string) => ['organization', organizationId, 'app-access'] as const

/** The apps that the organization approved or blocked, for its administrators. */
export const appDecisions = (organizationId: string) =>
  queryOptions({
    queryKey: [...keyOf(organizationId), 'decisions'],
    queryFn: ({ signal }) => api.organizations.appAccess.list(organizationId, { signal }),
  })

/** The apps whose approval members requested. */
export const appRequests = (organizationId: string) =>
  queryOptions({
    queryKey: [...keyOf(organizationId), 'requests'],
    queryFn: ({ signal }) => api.organizations.appAccess.requests(organizationId, { signal }),
  })

/** The apps in use that would lose access under another policy. It is read each time the dialog opens. */
export const appAccessPreview = (organizationId: string, appAccess: AppAccessPolicy) =>
  queryOptions({
    queryKey: [...keyOf(organizationId), 'preview', appAccess],
    queryFn: ({ signal }) => api.organizations.appAccess.preview(organizationId, { appAccess }, { signal }),
    staleTime: 0,
    gcTime: 0,
  })

export async function setAppAccess(organizationId: string, appAccess: AppAccessPolicy): Promise<void> {
  const changed = await api.organizations.update(organizationId, { appAccess })
  queryClient.setQueryData(organizations.queryKey, (all) =>
    all?.map((one) => (one.id === organizationId ? changed : one)),
  )
}

/** Decides about an app, deletes the decision, or declines its requests. Reads both lists again, also after a failure. */
export async function actOnApp(organizationId: string, clientId: string, action: AppAction): Promise<void> {
  const { appAccess } = api.organizations
  try {
    if (action === 'decline') await appAccess.decline(organizationId, clientId)
    else if (action === 'delete') await appAccess.delete(organizationId, clientId)
    else await appAccess.set(organizationId, clientId, { decision: action === 'approve' ? 'approved' : 'blocked' })
  } finally {
    await Promise.all([
      queryClient.invalidateQueries(appDecisions(organizationId)),
      queryClient.invalidateQueries(appRequests(organizationId)),
    ])
  }
}
