import assert from 'node:assert/strict'
import { connect as connectSocket } from 'node:net'
import { type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
import { createLogger, createServer } from '@daytona-auth/service'
import { captureLog, type Scope } from '@daytona-auth/testing'
import { type AuthenticationOptions, authentication, type OnDecision } from '../src/http/plugin.ts'
import { claimsOf, sign, verifierOn, world } from './world.ts'

export const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource'
export const ASKED = `Bearer resource_metadata="${METADATA}"`
export const INVALID = `Bearer error="invalid_token", resource_metadata="${METADATA}"`
export const NO_KEY = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired API key' }
export const NO_TOKEN = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired token' }
export const FORBIDDEN = { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' }
export const badRequest = (error: string) => ({ statusCode: 400, message: 'Bad Request', error })

/** A colon would start a path parameter. */
export const pathOf = (permission: Permission) => `/with/${permission.replace(':', '-')}`

export const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })

/** A server with a route of every kind, and a caller for each of them. */
export async function guardedServer(scope: Scope) {
  const here = await world(scope)
  const signer = await here.signer()
  await here.publish(signer)
  const process = await verifierOn(scope, here.url)
  const owner = await here.user()
  const home = await here.organization(owner)
  const second = await here.organization(owner)
  const foreign = await here.organization(await here.user())

  const admin = await here.key(owner, home, { permissions: ['admin:organization'] })
  const reader = await here.key(owner, home, { permissions: ['read:sandboxes'] })
  const traveller = await here.key(owner, home, { reaches: [home, second] })
  const lostOwner = await here.user()
  const stranded = await here.key(lostOwner, await here.organization(lostOwner))
  await here.sql`DELETE FROM api_key_organizations WHERE key_id = ${stranded.id}`
  const revoked = await here.key(owner, home)
  await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked.id}`

  const token = async (firstParty: boolean, scope = 'openid', organizationIds = [home]) => {
    const clientId = await here.client({ isFirstParty: firstParty })
    const grantId = await here.grant(owner, clientId, {
      scopes: scope.split(' '),
      organizationIds: firstParty ? null : organizationIds,
    })
    return sign(signer, claimsOf({ userId: owner, clientId, grantId }, { scope }))
  }
  const dashboard = await token(true)
  const app = await token(false, 'openid read:sandboxes')
  const bareApp = await token(false, 'openid profile email')

  const log = captureLog()
  const decisions: Parameters<OnDecision>[] = []
  const server = await serve({ onDecision: (...decision) => decisions.push(decision) })

  /** Starts a server with the routes below and, by `addRoutes`, further ones. */
  async function serve(
    options: Partial<AuthenticationOptions> = {},
    addRoutes: (fastify: ReturnType<typeof createServer>) => void = () => {},
  ) {
    const fastify = createServer({ logger: createLogger({ service: 'test', stream: log.stream }) })
    fastify.register(authentication, { verifier: process.verifier, resourceMetadataUrl: METADATA, ...options })
    scope.after(() => fastify.close())
    fastify.after(() => {
      fastify.get('/public', { config: { access: 'public' } }, async () => ({ ok: true }))
      fastify.get('/greedy', { config: { access: 'public' } }, async (request) => ({ who: request.principal }))
      fastify.get('/me', { config: { access: 'authenticated', organization: 'none' } }, async ({ principal }) => ({
        who: principal.userId,
      }))
      fastify.get('/nowhere', { config: { access: 'authenticated' } }, async (request) => ({
        in: request.organization,
      }))
      fastify.post('/me', { config: { access: 'authenticated' } }, async ({ principal }) => ({ who: principal.userId }))
      fastify.get('/self', { config: { access: 'person' } }, async ({ principal }) => ({ who: principal.userId }))
      fastify.get(
        '/here',
        { config: { access: 'authenticated', organization: 'header' } },
        async ({ organization }) => ({
          in: organization.organizationId,
        }),
      )
      fastify.get('/usurp', { config: { access: 'authenticated' } }, async (request) => {
        Object.assign(request, { principal: { userId: 'usr_mallory' } })
        return { who: request.principal.userId }
      })
      for (const permission of permissionNames()) {
        const config = { access: permission, organization: 'header' } as const
        fastify.get(pathOf(permission), { config }, async ({ organization }) => ({ in: organization.organizationId }))
      }
      fastify.post(
        '/sandbox',
        { config: { access: 'write:sandboxes', organization: 'header', resourceWrite: true } },
        async () => ({ ok: true }),
      )
      fastify.get(
        '/organizations/:organizationId/apps',
        { config: { access: 'admin:organization', organization: 'path' } },
        async ({ organization }) => ({ in: organization.organizationId }),
      )
      fastify.delete(
        '/organizations/:organizationId',
        { config: { access: 'person', organization: 'path' } },
        async ({ organization }) => ({ gone: organization.organizationId }),
      )
      addRoutes(fastify)
    })
    await fastify.ready()
    return fastify
  }

  const get = (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers })

  /** Sends a request as raw lines, for requests that no client library sends. */
  async function raw(line: string, headers: readonly string[]): Promise<string> {
    if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' })
    const address = server.server.address()
    assert.ok(address && typeof address === 'object')
    const socket = connectSocket(address.port, '127.0.0.1')
    // Not ended here: a connection that is half closed has no response to a request that waits.
    socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers.join('\r\n')}\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    return answer
  }
  return {
    here,
    signer,
    process,
    owner,
    home,
    second,
    foreign,
    admin,
    reader,
    traveller,
    stranded,
    revoked,
    token,
    dashboard,
    app,
    bareApp,
    log,
    decisions,
    server,
    serve,
    get,
    raw,
  }
}
