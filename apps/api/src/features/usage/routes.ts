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
import { readKeyUsage, readUsageTotals, type UsageDependencies } from './usage.ts'

const tags = ['Usage']

export const usageRoutes: Routes<UsageDependencies> = (app, dependencies) => {
  app.get(
    '/api-keys/:name/usage',
    {
      config: { access: 'authenticated', organization: 'header' },
      schema: {
        operationId: 'getApiKeyUsage',
        tags,
        summary: 'Get the usage of an API key in the organization, by hour or day',
        description:
          'Counts are written within seconds. Without `from`, returns the last day by hour, or the last 30 days by day. Hours are kept for 90 days by default, and days for 25 months. Hours that are no longer kept are refused with 400. A day whose hours are no longer kept counts as a whole, even if `from` or `to` lies within it.',
        params: UsagePath,
        querystring: UsageQuery,
        response: { 200: ApiKeyUsage },
      },
    },
    async (request) => {
      const { buckets, last } = await readKeyUsage(dependencies, callerIn(request), request.params.name, request.query)
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
        summary: 'Get the usage of each API key in the organization',
        description:
          'Your own keys; with `admin:organization`, every member’s. Without `from`, returns the last 30 days. Hours are kept for 90 days by default; before that, whole days are added up. `from` and `to` of the response state the actual span. Usage is kept for 25 months by default. The sums cover all keys. A key whose usage changes between two pages may be missing.',
        params: TotalsPath,
        querystring: TotalsQuery,
        response: { 200: ApiKeyUsageTotals, ...errors(403) },
      },
    },
    async (request, reply) => {
      // All pages cover one span. Without `to`, it ends at the request for the first page.
      const { from: begin, to: end = instant(new Date(dependencies.now())) } = request.query
      const list = { request, reply, orderedBy: BY_NUMBER, query: { to: end } }
      const { from, to, allowed, denied, rows } = await readPage(list, (page) =>
        readUsageTotals(dependencies, callerIn(request), { from: begin, to: end }, page),
      )
      return { from: instant(from), to: instant(to), allowed, denied, items: rows.map(totalToWire) }
    },
  )
}
