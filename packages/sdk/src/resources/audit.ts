import { DaytonaAuthError } from '../error.ts'
import { given, type Http, init, type RequestOptions } from '../http.ts'
import { items } from '../pages.ts'
import type { AuditLog, AuditPage, AuditVerification, Query } from '../schemas.ts'
import { NDJSON } from '../transport.ts'

const TRAIL = '/audit/organizations/{organizationId}'

/** What an organization's page is asked for with, but for the place of the page. */
type Filter = Omit<Query<'getOrganizationAuditLogs'>, 'page' | 'nextToken'>

/** What has happened in an organization. */
export const audit = ({ plain }: Http) => {
  const list = (
    organizationId: string,
    query: Query<'getOrganizationAuditLogs'> = {},
    options?: RequestOptions,
  ): Promise<AuditPage> => given(plain.GET(TRAIL, { params: { path: { organizationId }, query }, ...init(options) }))

  return {
    /** One page of it, the newest events first. */
    list,

    /** All of it, page by page. */
    all: (organizationId: string, filter: Filter = {}, options?: RequestOptions): AsyncGenerator<AuditLog, void> =>
      items<AuditLog, string>(async (nextToken) => {
        const page = await list(organizationId, { ...filter, ...(nextToken !== undefined && { nextToken }) }, options)
        return { items: page.items, next: page.nextToken }
      }),

    /** All of it in one answer, a JSON object a line, to be read as a stream. */
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

    /** Whether nothing in it was changed or removed. */
    verify: (organizationId: string, options?: RequestOptions): Promise<AuditVerification> =>
      given(plain.GET(`${TRAIL}/verify`, { params: { path: { organizationId } }, ...init(options) })),
  }
}
