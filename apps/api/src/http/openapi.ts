import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import * as z from 'zod'
import type { DescribedRoute, OpenApiOptions } from './openapi-document.ts'

/**
 * The OpenAPI 3.1 document of every route that is registered after it, at `GET /openapi.json`. It is made when somebody reads
 * it, by libraries that are loaded then: nobody who starts a server should wait for them.
 */
export const openApi = fp<OpenApiOptions>(
  async (app, options) => {
    const routes: DescribedRoute[] = []
    app.addHook('onRoute', (route: RouteOptions) => {
      const { method, url, schema, config } = route
      if (!schema) return
      // Fastify answers HEAD where it answers GET: the document need not say so.
      if (method !== 'HEAD' && !schema.hide) routes.push({ method, url, schema, ...(config && { config }) })
      // What refusals look like is for the document only. They go out as text, and hundreds of serializers for them
      // would be made at each start.
      route.schema = { ...schema, ...(schema.response !== undefined && { response: successes(schema.response) }) }
    })
    let document: Promise<string> | undefined
    const read = async () => (await import('./openapi-document.ts')).openApiDocument(routes, options)
    app.get(
      '/openapi.json',
      {
        config: { access: 'public', organization: 'none' },
        schema: {
          operationId: 'getOpenApi',
          tags: ['System'],
          summary: 'This document',
          response: { 200: z.looseObject({}) },
        },
      },
      async (_request, reply) => {
        document ??= read()
        // A text goes out as it is.
        return reply.type('application/json; charset=utf-8').send(await document)
      },
    )
  },
  { name: 'open-api' },
)

const successes = (response: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(response ?? {}).filter(([status]) => Number(status) < 400))
