import type { RequestBody, ResourceServer } from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import { queryClient } from './query-client.ts'

const resourceServersOf = (organizationId: string) => ['organization', organizationId, 'resource-servers'] as const

/** The APIs of the organization with their own audience, for its administrators. */
export const resourceServers = (organizationId: string) =>
  queryOptions({
    queryKey: resourceServersOf(organizationId),
    queryFn: ({ signal }) => api.resourceServers.list({ organizationId, signal }),
  })

/** One API. */
export const resourceServer = (organizationId: string, id: string) =>
  queryOptions({
    queryKey: [...resourceServersOf(organizationId), id],
    queryFn: ({ signal }): Promise<ResourceServer> => api.resourceServers.get(id, { organizationId, signal }),
  })

export async function createResourceServer(
  organizationId: string,
  server: RequestBody<'createResourceServer'>,
): Promise<ResourceServer> {
  const created = await api.resourceServers.create(server, { organizationId })
  await queryClient.invalidateQueries({ queryKey: resourceServersOf(organizationId) })
  return created
}

export async function updateResourceServer(
  organizationId: string,
  id: string,
  change: RequestBody<'updateResourceServer'>,
): Promise<ResourceServer> {
  const changed = await api.resourceServers.update(id, change, { organizationId })
  queryClient.setQueryData(resourceServer(organizationId, id).queryKey, changed)
  await queryClient.invalidateQueries({ queryKey: resourceServersOf(organizationId), exact: true })
  return changed
}

/** Deletes an API, which ends its tokens. */
export async function deleteResourceServer(organizationId: string, id: string): Promise<void> {
  await api.resourceServers.delete(id, { organizationId })
  queryClient.setQueryData(resourceServers(organizationId).queryKey, (all) => all?.filter((one) => one.id !== id))
}
