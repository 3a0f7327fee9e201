import { type CredentialDenial, isDenied, type Verifier } from '@daytona-auth/auth'
import { findResourceTokenFacts } from '@daytona-auth/db/clients'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import type { FastifyBaseLogger } from 'fastify'
import { decodeJwt } from 'jose'
import type { Client, KoaContextWithOIDC } from 'oidc-provider'
import { z } from 'zod'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { buildIntrospectionResponse, buildResourceTokenResponse, INACTIVE } from './introspection-answer.ts'
import { audienceOf } from './token-audience.ts'

export interface IntrospectionOptions {
  readonly database: Database
  readonly verifier: Pick<Verifier, 'verifyForClient' | 'checkResourceToken'>
  readonly issuer: string
  readonly audience: string
  readonly logger: Pick<FastifyBaseLogger, 'info'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Parameters that must not be in a URL, which ends up in logs and histories. */
const BODY_ONLY = ['token', 'client_secret', 'access_token', 'api_key']

/**
 * Introspects access tokens and API keys for confidential clients (RFC 7662). The library authenticates the client and
 * parses the request, but recognizes neither kind of credential. Then this middleware uses the API's verifier, so that
 * a revocation takes effect here at the same instant. A refused credential, for any reason, and one that does not reach
 * the client's organization get the same response, `{"active": false}`.
 */
export function introspectCredentials(options: IntrospectionOptions): Middleware {
  const { database, verifier, issuer, audience, logger, now } = options

  /** Looks up on the client's own budget: unknown credentials sent to it delay its requests but never refuse them. */
  async function introspect(
    ctx: KoaContextWithOIDC,
    client: Client,
    credential: string,
    organizationId: OrganizationId | null,
  ) {
    const { clientId } = client
    const tokenAudience = audienceOf(credential)
    if (tokenAudience !== undefined && tokenAudience !== audience) {
      return introspectResourceToken(ctx, client, credential, organizationId)
    }
    const answer = await verifier.verifyForClient(credential, clientId)
    if (isDenied(answer)) return sendDenied(ctx, clientId, answer)
    // Verified above, so the claims are those that we signed.
    const { iat: issuedAt, ...signIn } = answer.kind === 'token' ? SignedIn.parse(decodeJwt(credential)) : {}
    sendJson(
      ctx,
      200,
      buildIntrospectionResponse(answer, {
        issuer,
        audience,
        organizationId,
        clientId,
        issuedAt,
        signIn,
        now: now(),
      }),
    )
  }

  /**
   * Introspects a token for an API with its own audience: for the clients of that API's organization, the token's own and the
   * operator's. The signature is checked first, so that only our own tokens cost a query.
   */
  async function introspectResourceToken(
    ctx: KoaContextWithOIDC,
    { clientId }: Client,
    token: string,
    organizationId: OrganizationId | null,
  ) {
    const claims = await verifier.checkResourceToken(token)
    if ('kind' in claims) return sendDenied(ctx, clientId, claims)
    const facts = await findResourceTokenFacts(database, claims)
    const { iat: issuedAt, ...signIn } = SignedIn.parse(decodeJwt(token))
    sendJson(
      ctx,
      200,
      buildResourceTokenResponse(claims, facts, { issuer, organizationId, clientId, issuedAt, signIn, now: now() }),
    )
  }

  function sendDenied(ctx: KoaContextWithOIDC, clientId: string, answer: CredentialDenial): void {
    logger.info({ clientId, why: answer.reason }, 'introspected credential is inactive')
    if (isUndecided(answer)) sendRetryLater(ctx, answer)
    else sendJson(ctx, 200, INACTIVE)
  }

  return async (ctx, next) => {
    if (ctx.path !== ROUTES.introspection) return next()
    ctx.set('cache-control', 'no-store')
    if (BODY_ONLY.some((name) => Object.hasOwn(ctx.query, name))) {
      return sendJson(ctx, 400, { error: 'invalid_request', error_description: 'credentials belong in the body' })
    }
    await next()
    const { client, params } = ctx.oidc ?? {}
    const token = params?.['token']
    if (isUnauthenticated(ctx)) return sendUnauthenticated(ctx, issuer)
    if (!isUnrecognized(ctx) || !client || typeof token !== 'string') return
    // Any process can pose as a public client.
    if (client.clientAuthMethod === 'none') return sendUnauthenticated(ctx, issuer)
    const organizationId = organizationOf(client['organization_id'])
    if (organizationId === undefined) return sendJson(ctx, 200, INACTIVE)
    await introspect(ctx, client, token, organizationId)
  }
}

/** The claims of our own access token that the principal does not have. */
const SignedIn = z.object({
  iat: z.number().optional(),
  acr: z.string().optional(),
  amr: z.array(z.string()).optional(),
  auth_time: z.number().optional(),
})

/** Whether a client may introspect a token that the library stores: only its own refresh tokens. */
export const mayIntrospect = (
  client: { readonly clientId: string; readonly clientAuthMethod?: unknown },
  token: { readonly kind: string; readonly clientId?: string | undefined },
): boolean => token.kind === 'RefreshToken' && token.clientId === client.clientId && client.clientAuthMethod !== 'none'

/** Returns null for the operator's client only: a missing value must not count as null. */
function organizationOf(value: unknown): OrganizationId | null | undefined {
  if (value === null) return null
  return typeof value === 'string' ? (value as OrganizationId) : undefined // from our own row
}

/** Whether the library authenticated the client and found no token, or a JWT, which it does not support. */
function isUnrecognized({ status, body }: KoaContextWithOIDC): boolean {
  if (typeof body !== 'object' || body === null) return false
  if (status === 200) return 'active' in body && body.active === false
  return 'error' in body && body.error === 'unsupported_token_type'
}

/** Whether the client sent no authentication: 401 by RFC 6749 §5.2, while the library sends 400. */
function isUnauthenticated(ctx: KoaContextWithOIDC): boolean {
  const params = ctx.oidc?.params
  if (ctx.status !== 400 || params === undefined) return false
  return !params['client_id'] && !params['client_assertion'] && ctx.headers.authorization === undefined
}

const isUndecided = ({ statusCode }: CredentialDenial): boolean => statusCode !== 401

function sendRetryLater(ctx: KoaContextWithOIDC, { statusCode, retryAfterSeconds }: CredentialDenial): void {
  ctx.set('retry-after', String(Math.ceil(retryAfterSeconds ?? 1)))
  const error = statusCode === 429 ? 'slow_down' : 'temporarily_unavailable'
  sendJson(ctx, statusCode, { error, error_description: 'try again in a moment' })
}

function sendUnauthenticated(ctx: KoaContextWithOIDC, issuer: string): void {
  ctx.set('www-authenticate', `Basic realm="${issuer}"`)
  sendJson(ctx, 401, { error: 'invalid_client', error_description: 'client authentication failed' })
}

function sendJson(ctx: KoaContextWithOIDC, status: number, body: object): void {
  ctx.status = status
  ctx.body = body
}
