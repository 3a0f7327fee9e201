import { errors } from '@daytona-auth/service'
import { callerIn } from '../../http/caller.ts'
import { BY_NUMBER, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { instant } from '../../http/schemas.ts'
import {
  ApiKeyUsage,
  ApiKeyUsageTotals,
  TotalsPath,
  TotalsQuery,
  totalToWire,
  UsagePath,
  UsageQuery,
  usageToWire,
} from './schema.ts'
import { read, totals, type UsageDependencies } from './usage.ts'

const tags = ['Usage']

export const usageRoutes: Routes<UsageDependencies> = (app, dependencies) => {
  app.get(
    '/api-keys/:name/usage',
    {
      config: { access: 'authenticated', organization: 'header' },
      schema: {
        operationId: 'getApiKeyUsage',
        tags,
        summary: 'Read what an API key did in the organization, by hour or day',
        description:
          'Counts are written within seconds. Without `from`, the last day, or by day the last 30. Hours are kept for a time (90 days by default) and answered with 400 before it; days are kept for longer (25 months by default). A day whose hours are no longer kept counts as a whole, whatever the hour of `from` and `to`.',
        params: UsagePath,
        querystring: UsageQuery,
        response: { 200: ApiKeyUsage, ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { buckets, last } = await read(dependencies, callerIn(request), request.params.name, request.query)
      return usageToWire(buckets, last)
    },
  )

  app.get(
    '/organizations/:organizationId/api-keys/usage',
    {
      config: { access: 'authenticated', organization: 'path' },
      schema: {
        operationId: 'getOrganizationApiKeyUsage',
        tags,
        summary: 'Read what each API key did in the organization',
        description:
          'Your own keys; with `admin:organization`, every member’s. Without `from`, the last 30 days. Where hours are no longer kept (after 90 days by default) whole days are added up: `from` and `to` of the answer say which. Usage is kept for 25 months by default. The sums are of all keys. A key whose use is counted between two pages may be left out.',
        params: TotalsPath,
        querystring: TotalsQuery,
        response: { 200: ApiKeyUsageTotals, ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      // The pages are of one span: one without an end ends with the request for the first of them.
      const { from: begin, to: end = instant(new Date(dependencies.now())) } = request.query
      const list = { request, reply, orderedBy: BY_NUMBER, query: { to: end } }
      const { from, to, allowed, denied, rows } = await readPage(list, (page) =>
        totals(dependencies, callerIn(request), { from: begin, to: end }, page),
      )
      return { from: instant(from), to: instant(to), allowed, denied, items: rows.map(totalToWire) }
    },
  )
}
