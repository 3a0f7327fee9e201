import { misplacedIn, type Principal, permissionNames, permits, queryDenied } from '@daytona-auth/auth'
import {
  type Denial,
  deny,
  forbidden,
  MALFORMED_QUERY,
  QUERY_NOT_UTF8,
  sendDenial,
  unavailable,
} from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Routes } from '../../http/routes.ts'
import { MAX_PERMISSIONS } from '../../http/schemas.ts'

// Not by `import`: that reads every export of the module, and one of them loads undici, 40 ms at each startup.
const { METHODS } = process.getBuiltinModule('node:http')

/**
 * Serves `/auth/verify`, which a proxy calls before it forwards a request: 200 with the identity, or 401, 403 or 503.
 * The guard decides as on every route; its denials are mapped to statuses that proxies handle. The body is not read.
 */
export const forwardAuthRoutes: Routes<void> = (app) => {
  // Some proxies send the method of the original request, which may be any method.
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  }
  app.route({
    method: app.supportedMethods,
    url: '/auth/verify',
    // For proxies only: hidden from the document that clients are generated from.
    schema: { hide: true },
    config: {
      access: 'authenticated',
      organization: 'header',
      // Without credentials, a preflight gets a 204, which a proxy could take for permission.
      cors: false,
      queryMembers: { permission: { maxValues: MAX_PERMISSIONS, maxLength: 64 } },
      managementWrite: false,
      requiredPermissions: permissionsOf,
      rewordDenial,
    },
    // After the guard and before the body, which may be of any type and is never parsed.
    onRequest: (request, reply) => sendIdentity(request, reply),
    handler: (request, reply) => sendIdentity(request, reply),
    errorHandler: (error: unknown, request, reply) => {
      // This denial precedes the guard.
      if (error === QUERY_NOT_UTF8) {
        deny(reply, queryDenied(request))
        return
      }
      request.log.error({ err: error }, 'request failed')
      sendDenial(reply, unavailable(error))
    },
  })
}

/** The values of `permission`, also of a query that is refused as malformed: the challenge names those that exist. */
function permissionsOf({ query, url }: FastifyRequest): readonly string[] {
  if (query === MALFORMED_QUERY) {
    const values = new URLSearchParams(url.slice(url.indexOf('?') + 1)).getAll('permission')
    return values.length > MAX_PERMISSIONS ? [] : values
  }
  return [(query as { permission?: string | string[] }).permission ?? []].flat()
}

function sendIdentity({ principal, organization }: FastifyRequest, reply: FastifyReply): void {
  reply
    .headers({
      'x-auth-user-id': principal.userId,
      'x-auth-organization-id': organization.organizationId,
      'x-auth-credential': credentialOf(principal),
      // Expanded, so that the reader need not know what `admin:organization` includes.
      'x-auth-permissions': permissionNames()
        .filter((name) => permits(organization.permissions, name))
        .join(','),
      'cache-control': 'no-store',
    })
    .send()
}

const credentialOf = (principal: Principal): string =>
  principal.kind === 'api-key' ? `api-key:${principal.keyId}` : `token:${principal.clientId}`

/** Maps a denial to 401, 403 or 503. Some proxies turn other statuses into a 500, and some forward the request. */
function rewordDenial(denial: Denial, request: FastifyRequest): Denial {
  const { statusCode, message: error, cause, headers } = denial
  if (statusCode === 401 || statusCode === 403 || statusCode === 503) return denial
  if (statusCode === 400 && misplacedIn(request.query) !== undefined) return queryDenied(request)
  if (statusCode === 429) return forbidden(error, { error, cause, headers: { ...headers, 'x-auth-status': '429' } })
  return forbidden(error, { error, cause })
}
