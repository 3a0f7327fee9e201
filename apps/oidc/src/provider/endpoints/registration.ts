import {
  isMetadataFault,
  readClientMetadata,
  type SelfRegistration,
  selfRegisteredScopes,
} from '@daytona-auth/accounts/client-metadata'
import { DEFAULT_SECRET_NAME, makeClientSecret } from '@daytona-auth/accounts/client-registration'
import { SECRET_TOKEN } from '@daytona-auth/accounts/secret-token'
import { bearerOf, digestOf } from '@daytona-auth/auth'
import { auditEntry, DEPLOYMENT, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import {
  isUsableInitialAccessToken,
  type OauthAppRow,
  type RegisteredClient,
  registerClient,
} from '@daytona-auth/db/clients'
import { type Database, newId } from '@daytona-auth/db/core'
import {
  badRequest,
  CHARSET_NOT_UTF8,
  decodeUtf8,
  isUtf8,
  networkOf,
  noteDenial,
  tooManyRequests,
  userAgentOf,
} from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { ProviderConfig } from '../../config.ts'
import { createNamedAttemptLimits, type ShareAttempts } from '../../limits/shared-attempts.ts'
import { REGISTRATION } from '../endpoint-paths.ts'
import type { ClientDirectory } from '../storage/clients.ts'

export interface RegistrationOptions {
  readonly database: Database
  readonly config: Pick<
    ProviderConfig,
    | 'BRAND_NAME'
    | 'CLIENT_REGISTRATION'
    | 'SELF_REGISTERED_SCOPES'
    | 'REGISTRATIONS_ADDRESS_LIMIT'
    | 'REGISTERED_CLIENTS_LIMIT'
    | 'FAILED_SIGN_INS_WINDOW'
  >
  readonly clients: Pick<ClientDirectory, 'invalidate'>
  /** Without it, each process counts separately. */
  readonly share?: ShareAttempts | undefined
  readonly now: () => number
}

/** Several times the metadata of apps, with a few public keys. */
const BODY_LIMIT_BYTES = 32 * 1024
const PREFLIGHT_SECONDS = 3600

/** A client that registers itself has no credential, except the initial access token, which the transaction consumes. */
const SELF_REGISTRATION = systemAuthority('self-registration of a client')

/**
 * Serves dynamic client registration (RFC 7591). Our own route, because a registration is a row like that of any other app:
 * the library's endpoint would accept every metadata that it supports, fetch URLs in them and keep secrets as they are. Each
 * request counts for its address before its body is read. There is no management of registrations (RFC 7592).
 */
export const registration: FastifyPluginAsync<RegistrationOptions> = async (app, options) => {
  const { database, config, clients, share, now } = options
  const attempts = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })(
    'registrations-address',
    config.REGISTRATIONS_ADDRESS_LIMIT,
  )
  const scopes = selfRegisteredScopes(config.SELF_REGISTERED_SCOPES)

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
    (request, body: Buffer, done) => {
      const text = decodeUtf8(body)
      if (!isUtf8(request.headers)) return done(CHARSET_NOT_UTF8)
      const metadata = text === undefined ? undefined : parseJson(text)
      if (metadata === undefined) done(badRequest('Body is not valid JSON in UTF-8'))
      else done(null, metadata)
    },
  )

  // Pages may register: nothing of a browser's session is read, and no credential is sent by the browser itself.
  app.options(REGISTRATION, (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type, mcp-protocol-version',
        'access-control-max-age': String(PREFLIGHT_SECONDS),
      })
      .send(),
  )

  app.post(
    REGISTRATION,
    {
      async onRequest(request, reply) {
        reply.headers({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
        const waitSeconds = await attempts.take(networkOf(request.ip))
        if (waitSeconds !== undefined) throw tooManyRequests('too many registrations of an address', waitSeconds)
      },
    },
    async (request, reply) => {
      const token = config.CLIENT_REGISTRATION === 'token' ? digestOfToken(request) : null
      if (token === undefined || (token !== null && !(await isUsableInitialAccessToken(database, token)))) {
        return sendInvalidToken(request, reply)
      }
      const found = readClientMetadata(request.body, { scopes, isDocument: false, brand: config.BRAND_NAME })
      if (isMetadataFault(found)) {
        return sendError(request, reply, 400, found.error, found.description)
      }
      const secret = found.type === 'web' && found.tokenEndpointAuthMethod === 'client_secret_basic'
      const credentials = secret ? makeClientSecret() : undefined
      const answer = await register(request, found, token, credentials)
      if (answer === 'invalid-token') return sendInvalidToken(request, reply)
      if (answer === 'full') {
        reply.header('retry-after', '3600')
        return sendError(request, reply, 503, 'temporarily_unavailable', 'there are too many registered clients')
      }
      clients.invalidate(answer.client.id)
      return reply.code(201).send(describe(answer.client, request.body, credentials?.secret))
    },
  )

  const register = (
    request: FastifyRequest,
    client: SelfRegistration,
    token: Uint8Array | null,
    credentials: ReturnType<typeof makeClientSecret> | undefined,
  ): Promise<RegisteredClient> =>
    inAudit<RegisteredClient>(
      database,
      SELF_REGISTRATION,
      (registered) =>
        typeof registered === 'string'
          ? []
          : auditEntry('oauth_app.create', {
              organizationId: DEPLOYMENT,
              actorId: null,
              actorEmail: null,
              source: 'provider',
              ipAddress: request.ip,
              userAgent: userAgentOf(request.headers),
              targetId: registered.client.id,
              statusCode: 201,
              metadata: {
                name: registered.client.name,
                type: registered.client.type,
                redirectUris: registered.client.redirectUris,
                scopes: registered.client.scopes,
                registration: 'request',
                ...(registered.tokenId !== null && { initialAccessTokenId: registered.tokenId }),
              },
            }),
      (tx) =>
        registerClient(tx, {
          client: {
            ...client,
            id: newId('app'),
            redirectUris: [...client.redirectUris],
            postLogoutRedirectUris: [...client.postLogoutRedirectUris],
            scopes: [...client.scopes],
          },
          secret: credentials && { name: DEFAULT_SECRET_NAME, digest: credentials.digest, hint: credentials.hint },
          token,
          limit: config.REGISTERED_CLIENTS_LIMIT,
        }),
    )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns the digest of the token of a request; `undefined` without one that may exist. */
function digestOfToken({ raw }: FastifyRequest): Uint8Array | undefined {
  const token = bearerOf(raw)
  return token !== undefined && SECRET_TOKEN.test(token) ? digestOf(token) : undefined
}

function sendInvalidToken(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('www-authenticate', 'Bearer error="invalid_token"')
  return sendError(request, reply, 401, 'invalid_token', 'registration needs a valid initial access token')
}

function sendError(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  status: number,
  error: string,
  description: string,
): FastifyReply {
  noteDenial(raw, `${error}: ${description}`)
  return reply.code(status).send({ error, error_description: description })
}

/** Returns the client as it was registered (RFC 7591 §3.2.1), which may differ from what was asked for. */
function describe(client: OauthAppRow, sent: unknown, secret: string | undefined) {
  const method = client.type !== 'web' ? 'none' : client.tokenEndpointAuthMethod
  const isPost =
    (sent as { readonly token_endpoint_auth_method?: unknown }).token_endpoint_auth_method === 'client_secret_post'
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
