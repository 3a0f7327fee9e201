import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { apiKeysOf } from './api-keys.ts'
import { api } from './client.ts'

/** Requests with each key of the organization since an instant, in ISO form. */
export const organizationUsage = (organizationId: string, from: string) =>
  queryOptions({
    queryKey: [...apiKeysOf(organizationId), 'totals', from],
    queryFn: ({ signal }) => api.organizations.apiKeyUsage(organizationId, { from }, { signal }),
    placeholderData: keepPreviousData,
  })

/** What the operator allows the organization to have, and what it has. Requires `admin:organization`. */
export const organizationQuotas = (organizationId: string) =>
  queryOptions({
    queryKey: ['organizations', organizationId, 'quotas'],
    queryFn: ({ signal }) => api.organizations.quotas(organizationId, { signal }),
  })
