import {
  bearerOf,
  boundTokenOf,
  type CredentialDenial,
  callerFacts,
  isDenied,
  type TokenPrincipal,
  type Verifier,
} from '@daytona-auth/auth'
import { PROOF_ALGORITHMS, presentedProof } from '@daytona-auth/protocol/token-proof'
import { acceptForms, noteDenial } from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { noteCaller } from '../caller.ts'
import { ROUTES } from '../endpoint-paths.ts'
import { selectClaims } from '../policy/claims.ts'
import { isOriginOf } from '../policy/policy.ts'
import type { ClientDirectory } from '../storage/clients.ts'

export interface UserinfoOptions {
  readonly verifier: Pick<Verifier, 'verify' | 'verifyBound'>
  /** The public URL of this endpoint, as proofs of keys name it. */
  readonly url: string
  readonly clients: ClientDirectory
}

const PREFLIGHT_SECONDS = 3600
const FORM_LIMIT_BYTES = 16 * 1024

/**
 * Serves the userinfo endpoint (OIDC Core §5.3) for the same JWT access token that the API accepts. The library's own
 * endpoint supports opaque tokens only. This one verifies as the API does, so that a revoked grant ends both at the
 * same instant. Errors are those of RFC 6750.
 */
export const userinfo: FastifyPluginAsync<UserinfoOptions> = async (app, { verifier, clients, url }) => {
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
      // A page of any origin may read a denial.
      if (origin) {
        reply.header('access-control-allow-origin', origin)
        reply.header('access-control-expose-headers', 'WWW-Authenticate')
      }
      const bearer = bearerOf(request.raw)
      const credential = bearer ?? boundTokenOf(request.raw)
      if (credential === undefined) return sendBearerError(reply, 401, undefined, undefined, 'openid')
      if (hasSecondToken(request)) {
        return sendBearerError(
          reply,
          400,
          'invalid_request',
          'access token must only be provided in the Authorization header',
        )
      }
      const answer =
        bearer === undefined
          ? await verifier.verifyBound(credential, presentedProof(request, url), request.ip)
          : await verifier.verify(credential, request.ip)
      if (isDenied(answer)) return denyToken(reply, answer)
      noteCaller(request.raw, callerFacts(answer, undefined))
      if (answer.kind !== 'token')
        return sendBearerError(reply, 401, 'invalid_token', 'an API key has no user claims', 'openid')
      if (origin && !(await isAllowed(origin, answer))) {
        reply.removeHeader('access-control-allow-origin')
        return sendBearerError(reply, 400, 'invalid_request', 'origin is not one of the client')
      }
      if (!answer.scopes.has('openid')) {
        return sendBearerError(reply, 403, 'insufficient_scope', 'access token is missing the openid scope', 'openid')
      }
      return selectClaims(answer.scopes, {
        id: answer.userId,
        name: answer.userName,
        email: answer.email,
        emailVerified: answer.emailVerified,
        chosenLanguage: answer.chosenLanguage,
        timeZone: answer.timeZone,
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

/** Whether the token is also in the query or body: RFC 6750 §2 allows one method in a request. */
function hasSecondToken({ query, body }: FastifyRequest): boolean {
  return [query, body].some((part) => typeof part === 'object' && part !== null && Object.hasOwn(part, 'access_token'))
}

function denyToken(
  reply: FastifyReply,
  { statusCode, reason, description, retryAfterSeconds }: CredentialDenial,
): FastifyReply {
  reply.log.info({ statusCode, why: reason }, 'request refused')
  if (retryAfterSeconds !== null) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)))
  if (reason === 'proof' || reason === 'binding') {
    return sendProofError(reply, reason === 'proof' ? 'invalid_dpop_proof' : 'invalid_token', description ?? '')
  }
  if (statusCode === 401) {
    return sendBearerError(reply, 401, 'invalid_token', 'the access token is invalid or has expired', 'openid', reason)
  }
  return sendBearerError(
    reply,
    statusCode,
    statusCode === 429 ? 'slow_down' : 'temporarily_unavailable',
    'try again in a moment',
    undefined,
    reason,
  )
}

/** Sends an error of RFC 9449 §7.1. */
function sendProofError(reply: FastifyReply, error: string, description: string): FastifyReply {
  noteDenial(reply.request.raw, description)
  const algorithms = PROOF_ALGORITHMS.join(' ')
  reply.header('www-authenticate', `DPoP error="${error}", error_description="${description}", algs="${algorithms}"`)
  return reply.code(401).send({ error, error_description: description })
}

/** Sends an error of RFC 6750 §3: the challenge holds the reason; a request without a token gets no reason. */
function sendBearerError(
  reply: FastifyReply,
  statusCode: number,
  error?: string,
  description?: string,
  scope?: string,
  why: string = description ?? 'missing',
) {
  const isChallenge = statusCode < 429
  noteDenial(reply.request.raw, why)
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
