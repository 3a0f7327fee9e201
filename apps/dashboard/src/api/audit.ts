import type { AuditPage } from '@daytona-auth/sdk'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

export type AuditFilter = Omit<NonNullable<Parameters<typeof api.audit.list>[1]>, 'page' | 'nextToken' | 'limit'>

const PAGE_ITEMS = 50

/** The audit trail of an organization, newest first, page by page. */
export const auditOf = (organizationId: string, filter: AuditFilter = {}) =>
  infiniteQueryOptions({
    queryKey: ['organization', organizationId, 'audit', filter],
    queryFn: ({ pageParam, signal }): Promise<AuditPage> =>
      api.audit.list(
        organizationId,
        { ...filter, limit: PAGE_ITEMS, ...(pageParam !== undefined && { nextToken: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextToken }) => nextToken,
  })
