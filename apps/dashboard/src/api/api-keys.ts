import { type ApiKey, type ApiKeyRevocation, DaytonaAuthError } from '@daytona-auth/sdk'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import { queryClient } from './query-client.ts'

/** Prefix of all queries about the keys of an organization, for invalidation. */
export const apiKeysOf = (organizationId: string) => ['organization', organizationId, 'api-keys'] as const

export type ApiKeyFilter = Omit<NonNullable<Parameters<typeof api.apiKeys.page>[0]>, 'limit' | 'cursor'>

const PAGE_ITEMS = 50

/** Keys that the person may see, filtered and ordered by the API, page by page. */
export const apiKeyPages = (organizationId: string, filter: ApiKeyFilter) =>
  infiniteQueryOptions({
    queryKey: [...apiKeysOf(organizationId), 'pages', filter],
    queryFn: ({ pageParam, signal }) =>
      api.apiKeys.page(
        { ...filter, limit: PAGE_ITEMS, ...(pageParam !== undefined && { cursor: pageParam }) },
        { organizationId, signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    // While another filter is read, the rows of the last one stay.
    placeholderData: keepPreviousData,
  })

/** How many keys need attention. */
export const apiKeySummary = (organizationId: string) =>
  queryOptions({
    queryKey: [...apiKeysOf(organizationId), 'summary'],
    queryFn: ({ signal }) => api.organizations.apiKeySummary(organizationId, { signal }),
  })

/** One key by its id, ended ones included; `null` if the person sees none of that id. The API finds keys by name only. */
export const apiKeyById = (organizationId: string, id: string) =>
  queryOptions({
    queryKey: [...apiKeysOf(organizationId), 'one', id],
    queryFn: async ({ signal }): Promise<ApiKey | null> => {
      const { items } = await api.apiKeys.page({ id, status: 'all' }, { organizationId, signal })
      return items[0] ?? null
    },
  })

/** Whether the person has an active key of that name. */
export const ownApiKeyNamed = (organizationId: string, name: string) =>
  queryOptions({
    queryKey: [...apiKeysOf(organizationId), 'named', name],
    queryFn: async ({ signal }): Promise<boolean> => {
      try {
        await api.apiKeys.get(name, { organizationId, signal })
        return true
      } catch (error) {
        if (error instanceof DaytonaAuthError && error.statusCode === 404) return false
        throw error
      }
    },
  })

/** Revokes a key: one's own, or a member's for administrators. It is refused by the answering server before this resolves. */
export const revokeApiKey = (
  organizationId: string,
  { userId, name }: Pick<ApiKey, 'userId' | 'name'>,
): Promise<void> => api.apiKeys.deleteForUser(userId, name, { organizationId })

/** Ends the secrets of one's own key that rotations left valid. */
export async function endPreviousSecrets(organizationId: string, { name }: Pick<ApiKey, 'name'>): Promise<void> {
  await api.apiKeys.endPreviousSecrets(name, { organizationId })
  await queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) })
}

/** The most keys that the API revokes at once. */
export const MAX_REVOKED_KEYS = 100

/** Revokes keys in one transaction, and returns what became of each. This server refuses them before this resolves. */
export const revokeApiKeys = (organizationId: string, ids: readonly string[]): Promise<ApiKeyRevocation[]> =>
  api.apiKeys.revokeMany(ids, { organizationId })

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
