import { isRefused, type Refused, type Verifier } from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db'
import type { FastifyBaseLogger } from 'fastify'
import { decodeJwt } from 'jose'
import type { Client, KoaContextWithOIDC } from 'oidc-provider'
import { ROUTES } from '../configuration/endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { INACTIVE, introspectionAnswer } from './introspection-answer.ts'

export interface IntrospectionOptions {
  readonly verifier: Pick<Verifier, 'verifyForClient'>
  readonly issuer: string
  readonly audience: string
  readonly logger: Pick<FastifyBaseLogger, 'info'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What must not stand in a URL, which ends up in logs and histories. */
const BODY_ONLY = ['token', 'client_secret', 'access_token', 'api_key']

/**
 * Introspection (RFC 7662) of access tokens and API keys, for confidential clients. The library authenticates the client
 * and reads the request, as at the token endpoint; it knows neither kind of credential, says so, and there this takes
 * over with the verifier that the API has, so that a revocation is heard here at the same instant. A credential that is
 * refused, for whatever reason, and one that does not reach the client's organization get the same two words.
 */
export function introspectCredentials(options: IntrospectionOptions): Middleware {
  const { verifier, issuer, audience, logger, now } = options

  /** Looks up on the client's own budget: what others send to it delays its questions and refuses none of them. */
  async function introspect(
    ctx: KoaContextWithOIDC,
    client: Client,
    credential: string,
    organizationId: OrganizationId | null,
  ) {
    const { clientId } = client
    const answer = await verifier.verifyForClient(credential, clientId)
    if (isRefused(answer)) {
      logger.info({ clientId, why: answer.reason }, 'introspected credential is not good')
      return isUndecided(answer) ? sayLater(ctx, answer) : say(ctx, 200, INACTIVE)
    }
    // Verified above: what it says is what we have signed.
    const issuedAt = answer.kind === 'token' ? decodeJwt(credential).iat : undefined
    say(ctx, 200, introspectionAnswer(answer, { issuer, audience, organizationId, clientId, issuedAt, now: now() }))
  }

  return async (ctx, next) => {
    if (ctx.path !== ROUTES.introspection) return next()
    ctx.set('cache-control', 'no-store')
    if (BODY_ONLY.some((name) => Object.hasOwn(ctx.query, name))) {
      return say(ctx, 400, { error: 'invalid_request', error_description: 'credentials belong in the body' })
    }
    await next()
    const { client, params } = ctx.oidc ?? {}
    const token = params?.['token']
    if (isUnauthenticated(ctx)) return sayUnauthenticated(ctx, issuer)
    if (!isLeftToUs(ctx) || !client || typeof token !== 'string') return
    // Anybody can pose as a public client.
    if (client.clientAuthMethod === 'none') return sayUnauthenticated(ctx, issuer)
    const organizationId = organizationOf(client['organization_id'])
    if (organizationId === undefined) return say(ctx, 200, INACTIVE)
    await introspect(ctx, client, token, organizationId)
  }
}

/** Whether a client may introspect something that the library stores: a refresh token of its own. */
export const mayIntrospect = (
  client: { readonly clientId: string; readonly clientAuthMethod?: unknown },
  token: { readonly kind: string; readonly clientId?: string | undefined },
): boolean => token.kind === 'RefreshToken' && token.clientId === client.clientId && client.clientAuthMethod !== 'none'

/** Null says that a client is the operator's; a value that says nothing must not pass for it. */
function organizationOf(value: unknown): OrganizationId | null | undefined {
  if (value === null) return null
  return typeof value === 'string' ? (value as OrganizationId) : undefined // of our own row
}

/** The library has authenticated the client and found nothing, or a JWT, which it does not know. */
function isLeftToUs({ status, body }: KoaContextWithOIDC): boolean {
  if (typeof body !== 'object' || body === null) return false
  if (status === 200) return 'active' in body && body.active === false
  return 'error' in body && body.error === 'unsupported_token_type'
}

/** RFC 6749 §5.2 counts a request without any authentication among the 401s; the library answers it 400. */
function isUnauthenticated(ctx: KoaContextWithOIDC): boolean {
  const params = ctx.oidc?.params
  return ctx.status === 400 && params !== undefined && !params['client_id'] && ctx.headers.authorization === undefined
}

const isUndecided = ({ statusCode }: Refused): boolean => statusCode !== 401

function sayLater(ctx: KoaContextWithOIDC, { statusCode, retryAfterSeconds }: Refused): void {
  ctx.set('retry-after', String(Math.ceil(retryAfterSeconds ?? 1)))
  const error = statusCode === 429 ? 'slow_down' : 'temporarily_unavailable'
  say(ctx, statusCode, { error, error_description: 'try again in a moment' })
}

function sayUnauthenticated(ctx: KoaContextWithOIDC, issuer: string): void {
  ctx.set('www-authenticate', `Basic realm="${issuer}"`)
  say(ctx, 401, { error: 'invalid_client', error_description: 'client authentication failed' })
}

function say(ctx: KoaContextWithOIDC, status: number, body: object): void {
  ctx.status = status
  ctx.body = body
}
