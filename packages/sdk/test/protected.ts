import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { UNKNOWN_KEY, waitFor } from '@daytona-auth/testing'
import fastify from 'fastify'
import { obtainAccessToken } from '../../../apps/standalone/test/oauth-flow.ts'
import { resourceServer } from '../src/resource-server/fastify.ts'
import { createResourceServer } from '../src/resource-server/index.ts'
import { admin, organizationId, origin, person, user } from './fixtures.ts'

/** Maximum age of cached answers in these tests. */
const CACHE_SECONDS = 1

describe('a Fastify resource server with the service', () => {
  const app = fastify({ forceCloseConnections: true })
  let url: string
  let client: { clientId: string; clientSecret: string; redirectUri: string; scope: string; organizationIds: string[] }

  before(async () => {
    const redirectUri = 'https://app.example.com/callback'
    const { clientId, clientSecret } = await admin.oauthApps.create({
      name: 'Resource server',
      type: 'web',
      redirectUris: [redirectUri],
      scopes: ['openid', 'read:sandboxes', 'write:sandboxes'],
    })
    client = {
      clientId,
      clientSecret: String(clientSecret),
      redirectUri,
      scope: 'openid read:sandboxes',
      organizationIds: [organizationId],
    }
    const options = { issuer: origin, clientId, clientSecret: client.clientSecret, cacheSeconds: CACHE_SECONDS }
    await app.register(async (introspecting) => {
      await introspecting.register(resourceServer, {
        resourceServer: createResourceServer({ ...options, accessTokens: 'introspect' }),
      })
      introspecting.get('/things', { config: { requires: 'read:sandboxes' } }, async ({ caller }) => caller)
      introspecting.post('/things', { config: { requires: 'write:sandboxes' } }, async () => 'made')
    })
    await app.register(async (offline) => {
      await offline.register(resourceServer, {
        resourceServer: createResourceServer({ ...options, audience: origin, accessTokens: 'offline' }),
      })
      offline.get('/offline', { config: { requires: 'read:sandboxes' } }, async ({ caller }) => caller)
    })
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  })
  after(() => app.close())

  const ask = async (credential: string, path = '/things', method = 'GET') => {
    const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${credential}` } })
    return { status: response.status, body: (await response.json().catch(() => undefined)) as Record<string, unknown> }
  }
  /** Introspects a token at the provider. */
  const isActive = async (token: string) => {
    const response = await fetch(`${origin}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
      body: new URLSearchParams({ token }),
    })
    return ((await response.json()) as { active: boolean }).active
  }
  const keyOf = (name: string) => admin.apiKeys.create({ name, permissions: ['read:sandboxes'] })

  it('accepts a key within its permissions', async () => {
    const { value } = await keyOf('protected')
    const { status, body } = await ask(value)
    assert.deepEqual([status, body['kind'], body['userId']], [200, 'api-key', user.id])
    assert.deepEqual(body['organization'], { id: organizationId, permissions: ['read:sandboxes'], suspended: false })
    assert.deepEqual((await ask(value, '/things', 'POST')).body, {
      statusCode: 403,
      message: 'Forbidden',
      error: 'Insufficient permissions',
    })
  })

  it('refuses an unknown key, and one of another organization', async () => {
    const personal = (await person.organizations.list()).find((organization) => organization.personal)
    const foreign = await person.apiKeys.create(
      { name: 'elsewhere', permissions: ['admin:organization'] },
      { organizationId: String(personal?.id) },
    )
    for (const value of [UNKNOWN_KEY, foreign.value]) {
      const error = 'Invalid or expired API key'
      assert.deepEqual(await ask(value), { status: 401, body: { statusCode: 401, message: 'Unauthorized', error } })
    }
  })

  it('refuses a revoked token within the bound with introspection, and at its expiry offline', async () => {
    const token = await obtainAccessToken(origin, user, client)
    const known = await ask(token)
    assert.deepEqual([known.status, known.body['kind'], known.body['clientId']], [200, 'access-token', client.clientId])
    assert.equal((await ask(token, '/offline')).body['userId'], user.id)
    await fetch(`${origin}/oauth/revoke`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` },
      body: new URLSearchParams({ token }),
    })
    await waitFor(async () => !(await isActive(token)))
    await sleep(CACHE_SECONDS * 1000)
    assert.deepEqual([(await ask(token)).status, (await ask(token, '/offline')).status], [401, 200])
  })

  it('refuses a revoked key after the bound, under load', async (t) => {
    const { value } = await keyOf('under load')
    const answers: { status: number; asked: number; took: number }[] = []
    let isFinished = false
    const runClient = async () => {
      while (!isFinished) {
        const asked = performance.now()
        const { status } = await ask(value)
        answers.push({ status, asked, took: performance.now() - asked })
      }
    }
    const clients = Promise.all(Array.from({ length: 16 }, runClient))
    await waitFor(() => answers.length >= 100)
    const revoking = performance.now()
    await admin.apiKeys.delete('under load')
    // The provider is notified within milliseconds on an idle machine; the bound counts from then.
    await waitFor(async () => !(await isActive(value)))
    const revoked = performance.now()
    const late = () => answers.filter(({ asked }) => asked > revoked + CACHE_SECONDS * 1000)
    await waitFor(() => late().length >= 16)
    isFinished = true
    await clients

    const good = answers.filter(({ asked, took }) => asked + took < revoking)
    assert.ok(good.length > 0 && good.every(({ status }) => status === 200), 'a valid key was refused')
    assert.deepEqual([...new Set(late().map(({ status }) => status))], [401], 'a revoked key was accepted')
    assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 401])
    const last = Math.max(...answers.filter(({ status }) => status === 200).map(({ asked }) => asked))
    const took = answers.map((answer) => answer.took).sort((left, right) => left - right)
    const at = (share: number) => `${took[Math.floor(took.length * share)]?.toFixed(1)} ms`
    t.diagnostic(
      `${answers.length} requests by 16 clients; the last accepted one came ${Math.round(last - revoked)} ms after the ` +
        `revocation; p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(0.9999)}`,
    )
  })
})

describe('an API with its own audience, with the service', () => {
  it('accepts tokens for it, which our own API refuses, until it is disabled', async () => {
    const identifier = 'https://invoices.example.com'
    const read = { name: 'invoices:read', description: 'See your invoices' }
    const redirectUri = 'https://app.example.com/callback'
    const { id } = await admin.resourceServers.create({ identifier, name: 'Invoices', scopes: [read] })
    const app = await admin.oauthApps.create({
      name: 'Invoice reader',
      type: 'web',
      redirectUris: [redirectUri],
      scopes: ['openid'],
    })
    const clientSecret = String(app.clientSecret)
    const { clientId } = app
    const token = await obtainAccessToken(origin, user, {
      clientId,
      clientSecret,
      redirectUri,
      scope: 'openid invoices:read read:sandboxes',
      resource: identifier,
    })
    const api = { issuer: origin, audience: identifier, scopes: [read.name], clientId, clientSecret, cacheSeconds: 0 }
    const [asking, offline, ofOurs] = [
      createResourceServer({ ...api, accessTokens: 'introspect' }),
      createResourceServer({ ...api, accessTokens: 'offline' }),
      createResourceServer({ ...api, scopes: undefined, audience: origin, accessTokens: 'introspect' }),
    ]
    const request = () => new Request(identifier, { headers: { authorization: `Bearer ${token}` } })
    const statusOf = async (server: typeof asking, requirement: Parameters<typeof asking.guard>[1]) => {
      const caller = await server.guard(request(), requirement)
      return caller instanceof Response ? caller.status : caller.userId
    }
    const READ = { scopes: [read.name] } as const
    assert.deepEqual([await statusOf(asking, READ), await statusOf(offline, READ)], [user.id, user.id])
    assert.equal(await statusOf(ofOurs, 'authenticated'), 401)
    const { status } = await fetch(`${origin}/users/me`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(status, 401)

    await admin.resourceServers.update(id, { enabled: false })
    assert.equal(await statusOf(asking, READ), 401)
    await admin.resourceServers.update(id, { enabled: true, scopes: [] })
    assert.equal(await statusOf(asking, READ), 403)
    await admin.resourceServers.delete(id)
    assert.equal(await statusOf(asking, READ), 401)
  })
})
