import { SECRET_TOKEN } from '@daytona-auth/accounts/secret-token'
import { bearerOf, digestOf } from '@daytona-auth/auth'
import type { OauthAppRow } from '@daytona-auth/db/clients'
import { noteDenial } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Returns the token of a request; `undefined` without one that may exist. */
export function tokenOf({ raw }: FastifyRequest): string | undefined {
  const token = bearerOf(raw)
  return token !== undefined && SECRET_TOKEN.test(token) ? token : undefined
}

/** Returns the digest of the token of a request; `undefined` without one that may exist. */
export function digestOfToken(request: FastifyRequest): Uint8Array | undefined {
  const token = tokenOf(request)
  return token === undefined ? undefined : digestOf(token)
}

/** Sends a 401 (RFC 6750): the same for a token that is missing, wrong, or of another client. */
export function sendInvalidToken(request: FastifyRequest, reply: FastifyReply, description: string): FastifyReply {
  reply.header('www-authenticate', 'Bearer error="invalid_token"')
  return sendError(request, reply, 401, 'invalid_token', description)
}

/** Sends an error of RFC 7591 §3.2.2. */
export function sendError(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  status: number,
  error: string,
  description: string,
): FastifyReply {
  noteDenial(raw, `${error}: ${description}`)
  return reply.code(status).send({ error, error_description: description })
}

/** Returns the client as it is registered (RFC 7591 §3.2.1), which may differ from what was asked for. */
export function describeClient(client: OauthAppRow, sent: unknown, secret: string | undefined) {
  const method = client.type !== 'web' ? 'none' : client.tokenEndpointAuthMethod
  const isPost = readMember(sent, 'token_endpoint_auth_method') === 'client_secret_post'
  return {
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
    client_name: client.name,
    application_type: client.type === 'native' ? 'native' : 'web',
    redirect_uris: client.redirectUris,
    ...(client.postLogoutRedirectUris.length > 0 && { post_logout_redirect_uris: client.postLogoutRedirectUris }),
    // Either is accepted of a client with a secret.
    token_endpoint_auth_method: method === 'client_secret_basic' && isPost ? 'client_secret_post' : method,
    ...(client.jwks !== null && { jwks: client.jwks }),
    ...(client.jwksUri !== null && { jwks_uri: client.jwksUri }),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: ['openid', ...client.scopes.filter((scope) => scope !== 'openid')].join(' '),
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    subject_type: 'public',
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests,
  }
}

/** Returns a member of what was sent, if it is an object that has it. */
export const readMember = (sent: unknown, name: string): unknown =>
  typeof sent === 'object' && sent !== null && Object.hasOwn(sent, name) ? Reflect.get(sent, name) : undefined

/** Where a client reads, changes and deletes its registration, and the token with which it does (RFC 7592 §3). */
export const describeManagement = (uri: string, token: string) => ({
  registration_client_uri: uri,
  registration_access_token: token,
})

const PREFLIGHT_SECONDS = 3600

/** Answers a preflight request of any page. */
export const sendPreflight = (reply: FastifyReply, methods: string): FastifyReply =>
  reply
    .code(204)
    .headers({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': methods,
      'access-control-allow-headers': 'authorization, content-type, mcp-protocol-version',
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    })
    .send()
