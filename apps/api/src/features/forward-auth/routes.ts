import { misplacedIn, type Principal, permissionNames, permits, queryDenied } from '@daytona-auth/auth'
import {
  forbidden,
  MALFORMED_QUERY,
  QUERY_NOT_UTF8,
  type Refusal,
  refuse,
  sendRefusal,
  unavailable,
} from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Routes } from '../../http/routes.ts'
import { MAX_PERMISSIONS } from '../../http/schemas.ts'

// Not by `import`: that reads every export of the module, one of which loads undici and costs a start 40 ms.
const { METHODS } = process.getBuiltinModule('node:http')

/**
 * `/auth/verify`, which a proxy asks before it lets a request through: 200 with who it is, or 401, 403 or 503. The guard
 * decides, as on every route; what it says is put into words that proxies understand. The request's body is not read.
 */
export const forwardAuthRoutes: Routes<void> = (app) => {
  // Some proxies ask with the method of the request that they ask about, and that may be any.
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  }
  app.route({
    method: app.supportedMethods,
    url: '/auth/verify',
    // For proxies, not for clients: it is not in the document that these are generated from.
    schema: { hide: true },
    config: {
      access: 'authenticated',
      organization: 'header',
      // A preflight is answered 204 to anybody, which a proxy could take for a yes.
      cors: false,
      queryMembers: { permission: { maxValues: MAX_PERMISSIONS, maxLength: 64 } },
      managementWrite: false,
      requiredPermissions: permissionsOf,
      rewordRefusal,
    },
    // After the guard and before the body, which is of any type and none of our business.
    onRequest: (request, reply) => sendIdentity(request, reply),
    handler: (request, reply) => sendIdentity(request, reply),
    errorHandler: (error: unknown, request, reply) => {
      // Refused before the guard.
      if (error === QUERY_NOT_UTF8) {
        refuse(reply, queryDenied(request))
        return
      }
      request.log.error({ err: error }, 'request failed')
      sendRefusal(reply, unavailable(error))
    },
  })
}

/** The values of `permission`, also of a query that is refused as malformed: the challenge names those that exist. */
function permissionsOf({ query, url }: FastifyRequest): readonly string[] {
  if (query === MALFORMED_QUERY) return new URLSearchParams(url.slice(url.indexOf('?') + 1)).getAll('permission')
  return [(query as { permission?: string | string[] }).permission ?? []].flat()
}

function sendIdentity({ principal, organization }: FastifyRequest, reply: FastifyReply): void {
  reply
    .headers({
      'x-auth-user-id': principal.userId,
      'x-auth-organization-id': organization.organizationId,
      'x-auth-credential': credentialOf(principal),
      // Spelled out, so that who reads them need not know what `admin:organization` includes.
      'x-auth-permissions': permissionNames()
        .filter((name) => permits(organization.permissions, name))
        .join(','),
      'cache-control': 'no-store',
    })
    .send()
}

const credentialOf = (principal: Principal): string =>
  principal.kind === 'api-key' ? `api-key:${principal.keyId}` : `token:${principal.clientId}`

/** Proxies know 401 and 403; of anything else some make a 500, and some let it through. */
function rewordRefusal(refusal: Refusal, request: FastifyRequest): Refusal {
  const { statusCode, message: error, cause, headers } = refusal
  if (statusCode === 401 || statusCode === 403 || statusCode === 503) return refusal
  if (statusCode === 400 && misplacedIn(request.query) !== undefined) return queryDenied(request)
  if (statusCode === 429) return forbidden(cause, { error, headers: { ...headers, 'x-auth-status': '429' } })
  return forbidden(cause, { error })
}
