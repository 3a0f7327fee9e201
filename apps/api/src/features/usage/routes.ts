import { errors } from '@daytona-auth/service'
import { callerIn } from '../../caller.ts'
import type { Routes } from '../../routes.ts'
import { instant } from '../../wire.ts'
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
        description: 'What was counted is written within seconds. The last day, or the last 30 by day, unless told.',
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
        description: 'The own ones; with `admin:organization` everybody’s. The last 30 days unless told.',
        params: TotalsPath,
        querystring: TotalsQuery,
        response: { 200: ApiKeyUsageTotals, ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { from, to, allowed, denied, rows } = await totals(dependencies, callerIn(request), request.query)
      return { from: instant(from), to: instant(to), allowed, denied, items: rows.map(totalToWire) }
    },
  )
}
