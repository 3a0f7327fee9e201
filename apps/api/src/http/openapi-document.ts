import { isPermission } from '@daytona-auth/auth'
import { errorCodes } from '@daytona-auth/service'
import swagger from '@fastify/swagger'
import { type FastifySchema, fastify, type RouteOptions } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { derivedErrors } from './error-responses.ts'
import { pageQuery } from './list-pages.ts'

export interface OpenApiOptions {
  readonly issuer: string
  readonly version: string
}

/** The parts of a route that the document describes. */
export type DescribedRoute = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>

const ORGANIZATION_PARAMETER = {
  type: 'object',
  properties: {
    'X-Daytona-Organization-ID': {
      type: 'string',
      description: 'Required if the credential has access to several organizations',
    },
  },
}

/** Generates the OpenAPI 3.1 document of `routes` from their zod schemas and access declarations. */
export async function openApiDocument(
  routes: readonly DescribedRoute[],
  { issuer, version }: OpenApiOptions,
): Promise<string> {
  // The plugin reads routes as they are registered on a server. This one never listens.
  const app = fastify({ exposeHeadRoutes: false })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Daytona API',
        version,
        description:
          'Every path is also available under `/api`. An error response has the body `Error`, whose `error` states what is wrong. The header `X-Error-Code` has its code.',
      },
      servers: [{ url: issuer }],
      components: { securitySchemes: securitySchemes(issuer) },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document)
      const { access, organization } = document.route.config ?? {}
      return {
        url,
        schema: {
          ...schema,
          security: securityOf(access),
          ...(organization === 'header' && { headers: ORGANIZATION_PARAMETER }),
          ...(isList(document.schema) && { response: withLink(schema.response) }),
        },
      }
    },
    transformObject: (document) => withErrorCodes(withPlainSchemas(jsonSchemaTransformObject(document))),
  })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  for (const route of routes) app.route({ ...withDerivedErrors(route), handler: () => {} })
  await app.ready()
  return JSON.stringify(app.swagger())
}

/** Adds the error responses that follow from a route's method, path and access to those that it declares. */
function withDerivedErrors(route: DescribedRoute): DescribedRoute {
  const response = { ...derivedErrors(route), ...(route.schema?.response as object | undefined) }
  return { ...route, schema: { ...route.schema, response } }
}

/** Whether an operation is paginated. */
const isList = (schema: FastifySchema | undefined): boolean =>
  schema?.querystring instanceof z.ZodObject && schema.querystring.shape['cursor'] === pageQuery.cursor

/** Adds the `Link` header, which names the next page, to the 200 response. */
function withLink(responses: unknown) {
  const { 200: page, ...others } = responses as Record<number, object>
  return { 200: { ...page, headers: { Link: LINK } }, ...others }
}

const LINK = {
  type: 'string',
  description:
    'The next page: `<?limit=…&cursor=…>; rel="next"` (RFC 8288), relative to the URL of the request. Absent on the last page.',
}

function securitySchemes(issuer: string) {
  return {
    bearer: {
      type: 'http' as const,
      scheme: 'bearer',
      description: 'An API key (`dta_…`) or an access token (JWT)',
    },
    oauth2: {
      type: 'openIdConnect' as const,
      openIdConnectUrl: `${issuer}/.well-known/openid-configuration`,
      description: 'An access token. Its scopes are the permissions granted to a third-party app',
    },
  }
}

type Document = ReturnType<typeof jsonSchemaTransformObject>

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g

/**
 * Removes unreferenced schemas and shortens names. The plugin emits every schema twice, `X` for responses and `XInput`
 * for requests; `XInput` becomes `X` unless that names a different schema.
 */
function withPlainSchemas(document: Document): Document {
  if (!('components' in document)) return document
  const all: Record<string, unknown> = document.components?.schemas ?? {}
  const used = new Set<string>()
  const follow = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(REFERENCE)) {
      if (used.has(name)) continue
      used.add(name)
      follow(all[name])
    }
  }
  follow(document.paths)

  const plain = (name: string): string => {
    const base = name.endsWith('Input') ? name.slice(0, -'Input'.length) : name
    return used.has(base) && JSON.stringify(all[base]) !== JSON.stringify(all[name]) ? name : base
  }
  const renamed = <T>(part: T): T =>
    JSON.parse(JSON.stringify(part).replaceAll(REFERENCE, (_, name) => `"#/components/schemas/${plain(name)}"`))
  const schemas = Object.fromEntries([...used].map((name) => [plain(name), renamed(all[name])]))
  // The document's type is a union of OpenAPI versions, member for member. Only names have changed.
  return { ...document, paths: renamed(document.paths), components: { ...document.components, schemas } } as Document
}

/** Adds the `X-Error-Code` header to every error response. */
function withErrorCodes(document: Document): Document {
  if (!('components' in document)) return document
  const headers = { 'X-Error-Code': { $ref: '#/components/headers/ErrorCode' } }
  const paths = Object.entries(document.paths ?? {}).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations ?? {}).map(([method, operation]) => [method, withHeaders(operation, headers)]),
    ),
  ])
  const ErrorCode = {
    description: 'The cause, for programs. New codes may be added; existing codes keep their meaning.',
    schema: { type: 'string', enum: errorCodes() },
  }
  // The document's type is a union of OpenAPI versions, member for member. Headers are the same in all.
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, headers: { ...document.components?.headers, ErrorCode } },
  } as Document
}

function withHeaders(operation: unknown, headers: Readonly<Record<string, unknown>>): unknown {
  if (typeof operation !== 'object' || operation === null || !('responses' in operation)) return operation
  const responses = Object.entries(operation.responses as Record<string, { headers?: object }>).map(
    ([status, response]) => [
      status,
      Number(status) >= 400 ? { ...response, headers: { ...response.headers, ...headers } } : response,
    ],
  )
  return { ...operation, responses: Object.fromEntries(responses) }
}

/** Returns the alternatives: any one of them suffices. */
function securityOf(access: string | undefined): Record<string, string[]>[] {
  if (access === undefined || access === 'public') return []
  if (access === 'person') return [{ oauth2: ['openid'] }]
  return [{ bearer: [] }, { oauth2: isPermission(access) ? [access] : [] }]
}
