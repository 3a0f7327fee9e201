import type { ApiKey } from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

/** Prefix of all queries about the keys of an organization, for invalidation. */
export const apiKeysOf = (organizationId: string) => ['organization', organizationId, 'api-keys'] as const

/** All keys of the organization that the person may see, revoked and expired ones included. */
export const apiKeyList = (organizationId: string) =>
  queryOptions({
    queryKey: [...apiKeysOf(organizationId), 'list'],
    queryFn: ({ signal }): Promise<ApiKey[]> => api.apiKeys.list({ status: 'all' }, { organizationId, signal }),
  })
