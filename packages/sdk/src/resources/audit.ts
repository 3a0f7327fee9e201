import { DaytonaAuthError } from '../error.ts'
import { type Http, type RequestOptions, toInit, unwrap } from '../http.ts'
import { paginate } from '../pages.ts'
import type { AuditLog, AuditPage, AuditVerification, Query } from '../schemas.ts'
import { NDJSON } from '../transport.ts'

const TRAIL = '/audit/organizations/{organizationId}'

/** Filters of the trail, without the position of a page. */
type Filter = Omit<Query<'getOrganizationAuditLogs'>, 'page' | 'nextToken'>

/** The audit trail of an organization. */
export const audit = ({ plain }: Http) => {
  const list = (
    organizationId: string,
    query: Query<'getOrganizationAuditLogs'> = {},
    options?: RequestOptions,
  ): Promise<AuditPage> => unwrap(plain.GET(TRAIL, { params: { path: { organizationId }, query }, ...toInit(options) }))

  return {
    /** Returns one page, newest events first. */
    list,

    /** Iterates over all events, page by page. */
    all: (organizationId: string, filter: Filter = {}, options?: RequestOptions): AsyncGenerator<AuditLog, void> =>
      paginate<AuditLog, string>(async (nextToken) => {
        const page = await list(organizationId, { ...filter, ...(nextToken !== undefined && { nextToken }) }, options)
        return { items: page.items, next: page.nextToken }
      }),

    /** Returns all events as one response to stream, one JSON object per line. */
    export: async (
      organizationId: string,
      query: Query<'exportOrganizationAuditLogs'> = {},
      { signal }: RequestOptions = {},
    ): Promise<Response> => {
      const { error, response } = await plain.GET(`${TRAIL}/export`, {
        params: { path: { organizationId }, query },
        headers: { accept: NDJSON },
        parseAs: 'stream',
        ...(signal !== undefined && { signal }),
      })
      if (!response.ok) throw new DaytonaAuthError(response, error)
      return response
    },

    /** Verifies that no event was changed or removed. */
    verify: (organizationId: string, options?: RequestOptions): Promise<AuditVerification> =>
      unwrap(plain.GET(`${TRAIL}/verify`, { params: { path: { organizationId } }, ...toInit(options) })),
  }
}
