import { isPermission } from '@daytona-auth/auth'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'
import { IDENTITY_SCOPES, PERMISSIONS } from '@daytona-auth/protocol/scopes'
import { errorCodes } from '@daytona-auth/service'
import swagger from '@fastify/swagger'
import { type FastifySchema, fastify, type RouteOptions } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { derivedErrors } from './error-responses.ts'
import { pageQuery } from './list-pages.ts'
import {
  MEMBER_DESCRIPTIONS,
  PARAMETER_DESCRIPTIONS,
  SCHEMA_DESCRIPTIONS,
  TAG_DESCRIPTIONS,
} from './openapi-descriptions.ts'
import { withExamples } from './openapi-examples.ts'

export interface OpenApiOptions {
  readonly issuer: string
  readonly version: string
}

/** The parts of a route that the document describes. */
export type DescribedRoute = Pick<RouteOptions, 'method' | 'url' | 'schema' | 'config'>

const ORGANIZATION_PARAMETER = {
  type: 'object',
  properties: {
    [ORGANIZATION_HEADER]: {
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
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        contact: { name: 'Documentation', url: `${issuer}/docs` },
      },
      servers: [{ url: issuer }],
      tags: Object.entries(TAG_DESCRIPTIONS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: securitySchemes(issuer) },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document)
      const { access, organization } = document.route.config ?? {}
      return {
        url,
        schema: {
          ...schema,
          description: [schema.description, requirementOf(access)].filter(Boolean).join('\n\n'),
          security: securityOf(access),
          ...(organization === 'header' && { headers: ORGANIZATION_PARAMETER }),
          ...(isList(document.schema) && { response: withLink(schema.response) }),
        },
      }
    },
    transformObject: (document) =>
      withExamples(withDescriptions(withErrorCodes(withPlainSchemas(jsonSchemaTransformObject(document)))), {
        issuer,
        version,
      }),
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
      description: `An API key (\`${KEY_PREFIX}…\`) or an access token (JWT)`,
    },
    oauth2: {
      type: 'oauth2' as const,
      description: `An access token. Its scopes are the permissions granted to a third-party app. Discovery: ${issuer}/.well-known/openid-configuration`,
      flows: {
        authorizationCode: {
          authorizationUrl: `${issuer}/oauth/authorize`,
          tokenUrl: `${issuer}/oauth/token`,
          refreshUrl: `${issuer}/oauth/token`,
          scopes: { ...IDENTITY_SCOPES, ...PERMISSIONS },
        },
      },
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

/** Adds the `X-Error-Code` header to every error response, and `WWW-Authenticate` to those of 401 and 403. */
function withErrorCodes(document: Document): Document {
  if (!('components' in document)) return document
  const paths = Object.entries(document.paths ?? {}).map(([path, operations]) => [
    path,
    Object.fromEntries(Object.entries(operations ?? {}).map(([method, operation]) => [method, withHeaders(operation)])),
  ])
  const ErrorCode = {
    description: 'The cause, for programs. New codes may be added; existing codes keep their meaning.',
    schema: { type: 'string', enum: errorCodes() },
  }
  const Challenge = {
    description:
      'The challenge of RFC 6750. `error_description` states what is wrong with the form of the credential (401), never whether it exists, or why it is not sufficient (403); `scope` names the permissions. With the code `insufficient_user_authentication`, `acr_values` and `max_age` name the sign-in to repeat (RFC 9470).',
    schema: { type: 'string' },
  }
  // The document's type is a union of OpenAPI versions, member for member. Headers are the same in all.
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, headers: { ...document.components?.headers, ErrorCode, Challenge } },
  } as Document
}

const CODE = { 'X-Error-Code': { $ref: '#/components/headers/ErrorCode' } }
const CHALLENGE = { ...CODE, 'WWW-Authenticate': { $ref: '#/components/headers/Challenge' } }

function withHeaders(operation: unknown): unknown {
  if (typeof operation !== 'object' || operation === null || !('responses' in operation)) return operation
  const responses = Object.entries(operation.responses as Record<string, { headers?: object }>).map(
    ([status, response]) => [
      status,
      Number(status) >= 400
        ? { ...response, headers: { ...response.headers, ...(/^40[13]$/.test(status) ? CHALLENGE : CODE) } }
        : response,
    ],
  )
  return { ...operation, responses: Object.fromEntries(responses) }
}

/** Adds a description to every schema, member and parameter that has none. */
function withDescriptions(document: Document): Document {
  const describe = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(describe)
    if (typeof part !== 'object' || part === null) return part
    const described = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, describe(value)]))
    const { properties, name, in: place, description } = described
    if (typeof properties === 'object' && properties !== null) {
      // A condition of a filter is documented as the plain value that it usually is.
      if (typeof described['type'] === 'string' && described['type'] !== 'object') return withoutMembers(described)
      return { ...described, properties: describeAll(properties, MEMBER_DESCRIPTIONS) }
    }
    if (typeof place !== 'string' || typeof name !== 'string') return described
    return { ...(description === undefined && describedBy(PARAMETER_DESCRIPTIONS, name)), ...described }
  }
  const described = describe(document) as Document // only descriptions were added
  if (!('components' in described)) return described
  const schemas = describeAll(described.components?.schemas ?? {}, SCHEMA_DESCRIPTIONS)
  return { ...described, components: { ...described.components, schemas } } as Document
}

const withoutMembers = ({ properties, additionalProperties, ...plain }: Record<string, unknown>) => plain

const describeAll = (parts: object, descriptions: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, { ...describedBy(descriptions, name), ...(part as object) }]),
  )

const describedBy = (descriptions: Readonly<Record<string, string>>, name: string) =>
  Object.hasOwn(descriptions, name) ? { description: descriptions[name] } : {}

/** Describes who may call an operation. */
function requirementOf(access: string | undefined): string {
  if (access === undefined || access === 'public') return 'Needs no credential.'
  if (access === 'person')
    return 'Needs a person who is signed in to the dashboard or the CLI: no API key or app suffices.'
  return isPermission(access) ? `Needs the permission \`${access}\`.` : 'Needs an API key or an access token.'
}

/** Returns the alternatives: any one of them suffices. */
function securityOf(access: string | undefined): Record<string, string[]>[] {
  if (access === undefined || access === 'public') return []
  if (access === 'person') return [{ oauth2: ['openid'] }]
  return [{ bearer: [] }, { oauth2: isPermission(access) ? [access] : [] }]
}
