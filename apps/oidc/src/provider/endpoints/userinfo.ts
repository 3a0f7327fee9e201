import { bearerOf, callerFacts, isRefused, type Refused, type TokenPrincipal, type Verifier } from '@daytona-auth/auth'
import { acceptForms } from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { noteCaller } from '../../flows/interaction/caller.ts'
import { ROUTES } from '../configuration/endpoint-paths.ts'
import { claimsFor } from '../policy/claims.ts'
import { isOriginOf } from '../policy/policy.ts'
import type { ClientDirectory } from '../storage/clients.ts'

export interface UserinfoOptions {
  readonly verifier: Pick<Verifier, 'verify'>
  readonly clients: ClientDirectory
}

const PREFLIGHT_SECONDS = 3600
const FORM_LIMIT_BYTES = 16 * 1024

/**
 * OIDC Core §5.3 for the same JWT access token that the API takes. The library's own endpoint knows opaque tokens only;
 * this one stands in its place and verifies as the API does, so that a killed grant ends both at the same instant.
 * Errors are those of RFC 6750.
 */
export const userinfo: FastifyPluginAsync<UserinfoOptions> = async (app, { verifier, clients }) => {
  app.removeAllContentTypeParsers()
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= FORM_LIMIT_BYTES
  })
  acceptForms(app)

  app.options(ROUTES.userinfo, (request, reply) => {
    const headers = request.headers['access-control-request-headers']
    return reply
      .code(204)
      .headers({
        vary: 'Origin',
        'access-control-allow-origin': request.headers.origin ?? '*',
        'access-control-allow-methods': 'GET,POST',
        'access-control-max-age': String(PREFLIGHT_SECONDS),
        ...(headers && { 'access-control-allow-headers': headers }),
      })
      .send()
  })

  app.route({
    method: ['GET', 'POST'],
    url: ROUTES.userinfo,
    async handler(request, reply) {
      const { origin } = request.headers
      reply.headers({ 'cache-control': 'no-store', vary: 'Origin' })
      // Anybody's page may read that it is refused.
      if (origin) {
        reply.header('access-control-allow-origin', origin)
        reply.header('access-control-expose-headers', 'WWW-Authenticate')
      }
      const credential = bearerOf(request.raw)
      if (credential === undefined) return sayNo(reply, 401, undefined, undefined, 'openid')
      if (isElsewhereToo(request)) {
        return sayNo(reply, 400, 'invalid_request', 'access token must only be provided in the Authorization header')
      }
      const answer = await verifier.verify(credential, request.ip)
      if (isRefused(answer)) return refuseToken(reply, answer)
      noteCaller(request.raw, callerFacts(answer, undefined))
      if (answer.kind !== 'token') return sayNo(reply, 401, 'invalid_token', 'an API key names no person', 'openid')
      if (origin && !(await isAllowed(origin, answer))) {
        reply.removeHeader('access-control-allow-origin')
        return sayNo(reply, 400, 'invalid_request', 'origin is not one of the client')
      }
      if (!answer.scopes.has('openid')) {
        return sayNo(reply, 403, 'insufficient_scope', 'access token is missing the openid scope', 'openid')
      }
      return claimsFor(answer.scopes, {
        id: answer.userId,
        name: answer.userName,
        email: answer.email,
        emailVerified: answer.emailVerified,
        updatedAt: Math.floor(answer.userUpdatedAt / 1000),
      })
    },
  })

  async function isAllowed(origin: string, { clientId }: TokenPrincipal): Promise<boolean> {
    const client = await clients.find(clientId)
    return (
      client !== undefined &&
      isOriginOf(origin, {
        applicationType: client.application_type,
        redirectUris: client.redirect_uris,
        clientAuthMethod: client.token_endpoint_auth_method,
      })
    )
  }
}

/** RFC 6750 §2: one method of sending the token in a request. */
function isElsewhereToo({ query, body }: FastifyRequest): boolean {
  return [query, body].some((part) => typeof part === 'object' && part !== null && Object.hasOwn(part, 'access_token'))
}

function refuseToken(reply: FastifyReply, { statusCode, reason, retryAfterSeconds }: Refused): FastifyReply {
  reply.log.info({ statusCode, why: reason }, 'request refused')
  if (retryAfterSeconds !== null) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)))
  if (statusCode === 401) {
    return sayNo(reply, 401, 'invalid_token', 'the access token is invalid or has expired', 'openid')
  }
  return sayNo(reply, statusCode, statusCode === 429 ? 'slow_down' : 'temporarily_unavailable', 'try again in a moment')
}

/** RFC 6750 §3: the reason stands in the challenge; a request without a token is told of none. */
function sayNo(reply: FastifyReply, statusCode: number, error?: string, description?: string, scope?: string) {
  const isChallenge = statusCode < 429
  const parts = [
    ...(error ? [`error="${error}"`] : []),
    ...(description ? [`error_description="${description}"`] : []),
    ...(scope ? [`scope="${scope}"`] : []),
  ]
  if (isChallenge) reply.header('www-authenticate', ['Bearer', parts.join(', ')].join(' ').trim())
  return reply.code(statusCode).send({
    error: error ?? 'invalid_token',
    error_description: description ?? 'no access token was provided',
  })
}
