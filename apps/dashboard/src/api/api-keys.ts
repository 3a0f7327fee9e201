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

/** Revokes a key: one's own, or a member's for administrators. It is refused by the answering server before this resolves. */
export const revokeApiKey = (
  organizationId: string,
  { userId, name }: Pick<ApiKey, 'userId' | 'name'>,
): Promise<void> => api.apiKeys.deleteForUser(userId, name, { organizationId })

export interface UsageSpan {
  readonly from: string
  readonly granularity: 'hour' | 'day'
}

/** How often a key was used, by hour or day. */
export const apiKeyUsage = (organizationId: string, { userId, name, id }: ApiKey, span: UsageSpan) =>
  queryOptions({
    queryKey: [...apiKeysOf(organizationId), 'usage', id, span],
    queryFn: ({ signal }) => api.apiKeys.usage(name, { ...span, userId }, { organizationId, signal }),
    staleTime: 5_000,
  })
