import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { UNKNOWN_KEY } from '@daytona-auth/testing'
import fastify from 'fastify'
import { resourceServer } from '../src/resource-server/fastify.ts'
import { createResourceServer, type ResourceServerOptions } from '../src/resource-server/index.ts'
import { startProvider } from './provider.ts'

const provider = await startProvider({ after })
const IDENTIFIER = 'https://invoices.example.com/v1'
const METADATA = 'https://invoices.example.com/.well-known/oauth-protected-resource/v1'
const options: ResourceServerOptions = {
  issuer: provider.issuer,
  audience: IDENTIFIER,
  scopes: ['invoices:read', 'invoices:write'],
  accessTokens: 'offline',
}
const offline = createResourceServer(options)
const introspecting = createResourceServer({
  ...options,
  accessTokens: 'introspect',
  clientId: 'app_1',
  clientSecret: 'secret',
  cacheSeconds: 0,
})
const token = (claims: Record<string, unknown> = {}) =>
  provider.token({ claims: { aud: IDENTIFIER, scope: 'invoices:read', ...claims } as never })
const present = (credential: string) => ({ authorization: `Bearer ${credential}`, organizationId: 'org_1' })
const READ = { scopes: ['invoices:read'] } as const
const WRITE = { scopes: ['invoices:read', 'invoices:write'] } as const

const statusOf = async (
  server: typeof offline,
  credential: string,
  requirement: Parameters<typeof offline.decide>[1],
) => {
  const decision = await server.decide(present(credential), requirement)
  return 'denial' in decision ? decision.denial.statusCode : 200
}

describe('an API with its own audience', () => {
  it('refuses tokens for other audiences, and API keys without asking the provider', async () => {
    for (const server of [offline, introspecting]) {
      for (const aud of ['https://invoices.example.com', `${IDENTIFIER}/`, provider.issuer, [IDENTIFIER, 'x']]) {
        assert.equal(await statusOf(server, await token({ aud }), READ), 401, String(aud))
      }
      const before = provider.asked.filter((path) => path === '/introspect').length
      assert.equal(await statusOf(server, UNKNOWN_KEY, 'authenticated'), 401)
      assert.equal(provider.asked.filter((path) => path === '/introspect').length, before)
    }
  })

  it('cannot require a permission of Daytona, which a token may contain by name only', async () => {
    const named = await token({ scope: 'read:sandboxes admin:organization' })
    for (const requirement of ['read:sandboxes', ['admin:organization'], { scopes: ['read:sandboxes'] }] as const) {
      assert.throws(() => offline.requireValid(requirement as never), TypeError)
      await assert.rejects(offline.decide(present(named), requirement as never), TypeError)
    }
    for (const requirement of [{ scopes: [] }, { scopes: 'invoices:read' }, 'public', undefined, null]) {
      assert.throws(() => offline.requireValid(requirement as never), TypeError, JSON.stringify(requirement))
    }
    // Administration of an organization includes no scope of another API.
    assert.equal(await statusOf(offline, named, READ), 403)
  })

  it('requires scopes, and names the missing ones and its metadata', async () => {
    const decision = await offline.decide(present(await token()), WRITE)
    assert.ok('denial' in decision)
    const challenge = `Bearer error="insufficient_scope", scope="invoices:write", resource_metadata="${METADATA}"`
    assert.deepEqual([decision.denial.statusCode, decision.denial.headers['www-authenticate']], [403, challenge])
    assert.equal(await statusOf(offline, await token({ scope: undefined }), READ), 403)
    assert.equal(await statusOf(offline, await token({ scope: undefined }), 'authenticated'), 200)
  })

  it('accepts a token for it, of no organization', async () => {
    const answered = await offline.decide(present(await token()), READ)
    assert.ok('principal' in answered && answered.principal.kind === 'access-token')
    const { userId, organization, scopes } = answered.principal
    assert.deepEqual([userId, organization, [...scopes]], ['usr_1', undefined, ['invoices:read']])
  })

  it('has the scopes of the introspection, which may be fewer, and refuses inactive tokens', async (t) => {
    const active = { active: true, iss: provider.issuer, aud: IDENTIFIER, sub: 'usr_1', client_id: 'app_2', jti: 'j1' }
    const exp = Math.floor(Date.now() / 1000) + 60
    t.after(() => {
      provider.introspection = () => ({ body: { active: false } })
    })
    assert.equal(await statusOf(introspecting, await token(), READ), 401)
    provider.introspection = () => ({ body: { ...active, exp, scope: 'invoices:read', organizations: [] } })
    assert.equal(await statusOf(introspecting, await token(), READ), 200)
    provider.introspection = () => ({ body: { ...active, exp, organizations: [] } })
    assert.equal(await statusOf(introspecting, await token({ jti: 'j2' }), READ), 403)
    provider.introspection = () => ({
      body: { ...active, aud: provider.issuer, exp, scope: 'invoices:read', organizations: [] },
    })
    assert.equal(await statusOf(introspecting, await token({ jti: 'j3' }), READ), 503)
  })

  it('serves its metadata with Fastify, and does not start with a route that requires a permission', async (t) => {
    const app = fastify()
    t.after(() => app.close())
    await app.register(resourceServer, { resourceServer: offline })
    app.get('/v1/invoices', { config: { requires: READ } }, async ({ caller }) => caller.userId)
    const { headers, body } = await app.inject('/.well-known/oauth-protected-resource/v1')
    assert.deepEqual(JSON.parse(body), {
      resource: IDENTIFIER,
      authorization_servers: [provider.issuer],
      scopes_supported: ['invoices:read', 'invoices:write'],
      bearer_methods_supported: ['header'],
    })
    assert.equal(headers['access-control-allow-origin'], '*')
    const refused = await app.inject('/v1/invoices')
    assert.deepEqual(
      [refused.statusCode, refused.headers['www-authenticate']],
      [401, `Bearer resource_metadata="${METADATA}"`],
    )
    const authorization = `Bearer ${await token()}`
    assert.equal((await app.inject({ url: '/v1/invoices', headers: { authorization } })).body, 'usr_1')

    const wrong = fastify()
    t.after(() => wrong.close())
    await wrong.register(resourceServer, { resourceServer: offline })
    assert.throws(() => wrong.get('/x', { config: { requires: 'read:sandboxes' } }, async () => 'open'), /own audience/)
  })

  it('of an identifier without a path has its metadata at the host', () => {
    const { metadata } = createResourceServer({ ...options, audience: 'https://invoices.example.com' })
    assert.equal(metadata?.url, 'https://invoices.example.com/.well-known/oauth-protected-resource')
    assert.equal(
      createResourceServer({ ...options, scopes: undefined, clientId: 'a', clientSecret: 'b' }).metadata,
      undefined,
    )
  })
})
