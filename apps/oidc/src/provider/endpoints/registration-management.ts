import { isMetadataFault, readClientMetadata, type SelfRegistration } from '@daytona-auth/accounts/client-metadata'
import { digestOf } from '@daytona-auth/auth'
import { auditEntry, DEPLOYMENT, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import {
  type ChangedRegistration,
  deleteRegistration,
  findManagedClient,
  keysOfClientEntries,
  type ManagedClient,
  type OauthAppRow,
  replaceRegistration,
} from '@daytona-auth/db/clients'
import type { Database } from '@daytona-auth/db/core'
import { userAgentOf } from '@daytona-auth/service'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { ProviderConfig } from '../../config.ts'
import { REGISTRATION } from '../endpoint-paths.ts'
import type { ClientDirectory } from '../storage/clients.ts'
import {
  describeClient,
  describeManagement,
  readMember,
  sendError,
  sendInvalidToken,
  sendPreflight,
  tokenOf,
} from './registration-answers.ts'

export interface RegistrationManagementOptions {
  readonly database: Database
  readonly config: Pick<ProviderConfig, 'ISSUER' | 'BRAND_NAME'>
  readonly clients: Pick<ClientDirectory, 'invalidate'>
  /** The most scopes that a client which registers itself may have. */
  readonly scopes: readonly string[]
  /** Counts a request for its address, before its body is read. */
  readonly takeAttempt: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

interface Managed extends ManagedClient {
  readonly token: string
}

/** The transaction compares the registration access token under its lock. */
const MANAGEMENT = systemAuthority('registration access token of a client')

/** The server's members, which a request may not set (RFC 7592 §2.2). */
const NOT_SENT = [
  'registration_access_token',
  'registration_client_uri',
  'client_id_issued_at',
  'client_secret_expires_at',
]

/**
 * Serves the client configuration endpoint (RFC 7592): a client that registered itself reads, replaces and deletes its
 * registration. The token stays the same; secrets are not shown again, because only their digests are stored.
 */
export const registrationManagement: FastifyPluginAsync<RegistrationManagementOptions> = async (app, options) => {
  const { database, config, clients, scopes, takeAttempt } = options
  const path = `${REGISTRATION}/:clientId`

  app.options(path, (_request, reply) => sendPreflight(reply, 'GET, PUT, DELETE'))

  app.get<Path>(path, { onRequest: takeAttempt }, async (request, reply) => {
    const managed = managedBy(request)
    const client = managed && (await findManagedClient(database, managed))
    if (managed === undefined || client === undefined) return sendNotManaged(request, reply)
    return reply.send(describe(client, managed, undefined))
  })

  app.put<Path>(path, { onRequest: takeAttempt }, async (request, reply) => {
    const managed = managedBy(request)
    if (managed === undefined || (await findManagedClient(database, managed)) === undefined) {
      return sendNotManaged(request, reply)
    }
    const { body } = request
    const refuse = (description: string) => sendError(request, reply, 400, 'invalid_client_metadata', description)
    if (readMember(body, 'client_id') !== managed.clientId) return refuse('client_id must be that of the registration')
    const forbidden = NOT_SENT.find((name) => readMember(body, name) !== undefined)
    if (forbidden !== undefined) return refuse(`${forbidden} must not be sent`)
    const { client_secret: secret, ...metadata } = body as { readonly client_secret?: unknown }
    if (secret !== undefined && typeof secret !== 'string') return refuse('client_secret must be a string')
    const found = readClientMetadata(metadata, { scopes, isDocument: false, brand: config.BRAND_NAME })
    if (isMetadataFault(found)) return sendError(request, reply, 400, found.error, found.description)
    const answer = await replace(request, managed, found, secret)
    if (answer === 'invalid-token') return sendNotManaged(request, reply)
    if (answer === 'other-secret') return refuse('client_secret must be the current one, or absent')
    if (answer === 'other-authentication') {
      return refuse('application_type and token_endpoint_auth_method cannot be changed: register again')
    }
    clients.invalidate(managed.clientId)
    return reply.send(describe(answer.client, managed, body))
  })

  app.delete<Path>(path, { onRequest: takeAttempt }, async (request, reply) => {
    const managed = managedBy(request)
    const keys = managed && (await remove(request, managed))
    if (keys === undefined) return sendNotManaged(request, reply)
    clients.invalidate(request.params.clientId)
    return reply.code(204).send()
  })

  const describe = (client: OauthAppRow, { token }: Managed, sent: unknown) => ({
    ...describeClient(client, sent, undefined),
    ...describeManagement(`${config.ISSUER}${REGISTRATION}/${client.id}`, token),
  })

  const replace = (request: FastifyRequest, managed: Managed, client: SelfRegistration, secret: string | undefined) =>
    inAudit<ChangedRegistration>(
      database,
      MANAGEMENT,
      (answer) =>
        typeof answer === 'string' || answer.changed.length === 0
          ? []
          : auditEntry('oauth_app.update', {
              ...actorOf(request, managed),
              statusCode: 200,
              metadata: { name: answer.client.name, changed: answer.changed },
            }),
      (tx) =>
        replaceRegistration(tx, managed, {
          client: {
            ...client,
            redirectUris: [...client.redirectUris],
            postLogoutRedirectUris: [...client.postLogoutRedirectUris],
            scopes: [...client.scopes],
          },
          secret: secret === undefined ? undefined : digestOf(secret),
        }),
    )

  const remove = (request: FastifyRequest, managed: Managed) =>
    inAudit<Awaited<ReturnType<typeof deleteRegistration>>>(
      database,
      MANAGEMENT,
      (keys) =>
        keys === undefined
          ? []
          : [
              auditEntry('oauth_app.delete', { ...actorOf(request, managed), statusCode: 204, metadata: {} }),
              ...keysOfClientEntries(keys, managed.clientId),
            ],
      (tx) => deleteRegistration(tx, managed),
    )
}

interface Path {
  Params: { readonly clientId: string }
}

/** Returns the client and the token that a request names; `undefined` without a token that may exist. */
function managedBy(request: FastifyRequest<Path>): Managed | undefined {
  const token = tokenOf(request)
  return token === undefined ? undefined : { clientId: request.params.clientId, management: digestOf(token), token }
}

/** The client itself acts, and no person. */
const actorOf = (request: FastifyRequest, { clientId }: Managed) => ({
  organizationId: DEPLOYMENT,
  actorId: null,
  actorEmail: null,
  source: 'provider' as const,
  ipAddress: request.ip,
  userAgent: userAgentOf(request.headers),
  targetId: clientId,
})

const sendNotManaged = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendInvalidToken(request, reply, 'the registration access token is not valid for this client')
