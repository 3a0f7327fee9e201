import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import * as z from 'zod'
import type { DescribedRoute, OpenApiOptions } from './openapi-document.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Returns the OpenAPI document. */
    readonly readOpenApi: () => Promise<string>
  }
}

/**
 * Serves the OpenAPI 3.1 document of every route registered after it, at `GET /openapi.json`. The document is generated
 * on the first request, which also loads the libraries: loading them at startup would delay it.
 */
export const openApi = fp<OpenApiOptions>(
  async (app, options) => {
    const routes: DescribedRoute[] = []
    app.addHook('onRoute', (route: RouteOptions) => {
      const { method, url, schema, config } = route
      if (!schema) return
      // Fastify answers HEAD wherever it answers GET, so the document omits it.
      if (method !== 'HEAD' && !schema.hide) routes.push({ method, url, schema, ...(config && { config }) })
      // Schemas of errors are for the document only. Errors are sent as prepared text, and hundreds of serializers
      // would otherwise be compiled at each startup.
      route.schema = { ...schema, ...(schema.response !== undefined && { response: successes(schema.response) }) }
    })
    let document: Promise<string> | undefined
    const generate = async () => (await import('./openapi-document.ts')).openApiDocument(routes, options)
    const read = () => {
      document ??= generate()
      return document
    }
    app.decorate('readOpenApi', read)
    app.get(
      '/openapi.json',
      {
        config: { access: 'public', organization: 'none' },
        schema: {
          operationId: 'getOpenApi',
          tags: ['System'],
          summary: 'Get this document',
          response: { 200: z.looseObject({}) },
        },
      },
      async (_request, reply) => {
        // A string is sent without serialization.
        return reply.type('application/json; charset=utf-8').send(await read())
      },
    )
  },
  { name: 'open-api' },
)

const successes = (response: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(response ?? {}).filter(([status]) => Number(status) < 400))
