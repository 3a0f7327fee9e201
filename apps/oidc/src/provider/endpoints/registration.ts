import {
  isMetadataFault,
  readClientMetadata,
  type SelfRegistration,
  selfRegisteredScopes,
} from '@daytona-auth/accounts/client-metadata'
import { DEFAULT_SECRET_NAME, makeClientSecret } from '@daytona-auth/accounts/client-registration'
import { createSecretToken } from '@daytona-auth/accounts/secret-token'
import { auditEntry, DEPLOYMENT, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { isUsableInitialAccessToken, type RegisteredClient, registerClient } from '@daytona-auth/db/clients'
import { type Database, newId } from '@daytona-auth/db/core'
import {
  badRequest,
  CHARSET_NOT_UTF8,
  decodeUtf8,
  isUtf8,
  networkOf,
  tooManyRequests,
  userAgentOf,
} from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { ProviderConfig } from '../../config.ts'
import { createNamedAttemptLimits, type ShareAttempts } from '../../limits/shared-attempts.ts'
import { REGISTRATION } from '../endpoint-paths.ts'
import type { ClientDirectory } from '../storage/clients.ts'
import {
  describeClient,
  describeManagement,
  digestOfToken,
  sendError,
  sendInvalidToken,
  sendPreflight,
} from './registration-answers.ts'
import { registrationManagement } from './registration-management.ts'

export interface RegistrationOptions {
  readonly database: Database
  readonly config: Pick<
    ProviderConfig,
    | 'ISSUER'
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

const NO_INITIAL_TOKEN = 'registration needs a valid initial access token'

interface Registering {
  readonly client: SelfRegistration
  readonly token: Uint8Array | null
  readonly credentials: ReturnType<typeof makeClientSecret> | undefined
  readonly management: Uint8Array
}

/** A client that registers itself has no credential, except the initial access token, which the transaction consumes. */
const SELF_REGISTRATION = systemAuthority('self-registration of a client')

/**
 * Serves dynamic client registration (RFC 7591). Our own route, because a registration is a row like that of any other app:
 * the library's endpoint would accept every metadata that it supports, fetch URLs in them and keep secrets as they are. Each
 * request counts for its address before its body is read. The answer has the token with which the client manages its registration.
 */
export const registration: FastifyPluginAsync<RegistrationOptions> = async (app, options) => {
  const { database, config, clients, share, now } = options
  const attempts = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })(
    'registrations-address',
    config.REGISTRATIONS_ADDRESS_LIMIT,
  )
  const scopes = selfRegisteredScopes(config.SELF_REGISTERED_SCOPES)

  async function takeAttempt(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.headers({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
    const waitSeconds = await attempts.take(networkOf(request.ip))
    if (waitSeconds !== undefined) throw tooManyRequests('too many registrations of an address', waitSeconds)
  }

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
  app.options(REGISTRATION, (_request, reply) => sendPreflight(reply, 'POST'))

  app.post(REGISTRATION, { onRequest: takeAttempt }, async (request, reply) => {
    const token = config.CLIENT_REGISTRATION === 'token' ? digestOfToken(request) : null
    if (token === undefined || (token !== null && !(await isUsableInitialAccessToken(database, token)))) {
      return sendInvalidToken(request, reply, NO_INITIAL_TOKEN)
    }
    const found = readClientMetadata(request.body, { scopes, isDocument: false, brand: config.BRAND_NAME })
    if (isMetadataFault(found)) {
      return sendError(request, reply, 400, found.error, found.description)
    }
    const secret = found.type === 'web' && found.tokenEndpointAuthMethod === 'client_secret_basic'
    const credentials = secret ? makeClientSecret() : undefined
    const management = createSecretToken()
    const answer = await register(request, { client: found, token, credentials, management: management.digest })
    if (answer === 'invalid-token') return sendInvalidToken(request, reply, NO_INITIAL_TOKEN)
    if (answer === 'full') {
      reply.header('retry-after', '3600')
      return sendError(request, reply, 503, 'temporarily_unavailable', 'there are too many registered clients')
    }
    clients.invalidate(answer.client.id)
    return reply.code(201).send({
      ...describeClient(answer.client, request.body, credentials?.secret),
      ...describeManagement(`${config.ISSUER}${REGISTRATION}/${answer.client.id}`, management.token),
    })
  })

  await app.register(registrationManagement, { database, config, clients, scopes, takeAttempt })

  const register = (
    request: FastifyRequest,
    { client, token, credentials, management }: Registering,
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
          management,
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
