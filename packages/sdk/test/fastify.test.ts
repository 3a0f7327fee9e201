import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { ORGANIZATION_HEADERS } from '@daytona-auth/protocol/organization-header'
import { type Scope, UNKNOWN_KEY } from '@daytona-auth/testing'
import fastify, { type FastifyRequest } from 'fastify'
import { resourceServer } from '../src/resource-server/fastify.ts'
import { createResourceServer } from '../src/resource-server/index.ts'
import { AUDIENCE, startProvider } from './provider.ts'

/** Creates a guarded server with additional routes. */
async function createGuarded(scope: Scope, routes: (app: ReturnType<typeof fastify>) => void = () => {}) {
  const provider = await startProvider(scope)
  const app = fastify()
  scope.after(() => app.close())
  await app.register(resourceServer, {
    resourceServer: createResourceServer({
      issuer: provider.issuer,
      audience: AUDIENCE,
      clientId: 'app_1',
      clientSecret: 'secret',
      accessTokens: 'offline',
    }),
  })
  app.get('/public', { config: { requires: 'public' } }, async () => 'for all')
  app.get('/no-caller', { config: { requires: 'public' } }, async (request) => request.caller)
  app.get('/mine', { config: { requires: 'authenticated' } }, async ({ caller }) => caller.userId)
  app.post('/sandboxes', { config: { requires: ['write:sandboxes'] } }, async () => 'made')
  app.get('/replace', { config: { requires: 'authenticated' } }, async (request) => {
    Object.assign(request, { caller: { userId: 'usr_2' } })
  })
  routes(app)
  return { app, provider }
}

const headersOf = (credentials: string[]) => credentials.flatMap((credential) => ['Authorization', credential])

describe('a guarded Fastify server', () => {
  for (const [what, config, says] of [
    ['declares nothing', undefined, /GET \/x does not declare what it requires/],
    ['declares another member', { access: 'public' }, /GET \/x does not declare what it requires/],
    ['requires an empty list', { requires: [] }, /GET \/x requires an empty list/],
    ['requires an unknown permission', { requires: 'read:everything' }, /GET \/x requires "read:everything"/],
  ] as [string, object | undefined, RegExp][]) {
    it(`does not start with a route that ${what}`, async (t) => {
      const boot = createGuarded(t, (app) => app.get('/x', config ? { config } : {}, async () => 'open'))
      await assert.rejects(boot, says)
    })
  }

  it('refuses requests without a credential, HEAD included', async (t) => {
    const { app } = await createGuarded(t)
    for (const method of ['GET', 'HEAD'] as const) {
      const { statusCode, headers, body } = await app.inject({ method, url: '/mine' })
      assert.deepEqual([statusCode, headers['www-authenticate']], [401, 'Bearer'])
      if (method === 'GET') {
        const error = 'Invalid or expired API key'
        assert.deepEqual(JSON.parse(body), { statusCode: 401, message: 'Unauthorized', error })
        assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      }
    }
  })

  it('refuses before reading the body', async (t) => {
    const { app } = await createGuarded(t)
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/sandboxes',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    })
    assert.equal(statusCode, 401)
  })

  it('does not guard public and unknown routes', async (t) => {
    const { app } = await createGuarded(t)
    assert.equal((await app.inject('/public')).body, 'for all')
    assert.equal((await app.inject('/missing')).statusCode, 404)
    assert.equal((await app.inject('/no-caller')).statusCode, 500)
  })

  it('sets the caller, which handlers cannot replace', async (t) => {
    const { app, provider } = await createGuarded(t)
    const headers = { authorization: `Bearer ${await provider.token()}` }
    assert.equal((await app.inject({ url: '/mine', headers })).body, 'usr_1')
    assert.equal((await app.inject({ url: '/replace', headers })).statusCode, 500)
    const refused = await app.inject({ method: 'POST', url: '/sandboxes', headers })
    assert.deepEqual(
      [refused.statusCode, refused.headers['www-authenticate']],
      [403, 'Bearer error="insufficient_scope", scope="write:sandboxes"'],
    )
  })

  it('reads the organization from its header', async (t) => {
    const { app, provider } = await createGuarded(t, (app) =>
      app.get(
        '/organization',
        { config: { requires: 'authenticated' } },
        async ({ caller }: FastifyRequest) => caller.organization?.id,
      ),
    )
    const organizations = ['org_1', 'org_2'].map((id) => ({ id, permissions: [], suspended: false }))
    const { issuer: iss } = provider
    provider.introspection = () => ({
      body: {
        active: true,
        iss,
        aud: AUDIENCE,
        sub: 'usr_1',
        token_type: 'Bearer',
        api_key_id: 'key_1',
        organizations,
      },
    })
    for (const name of ORGANIZATION_HEADERS) {
      const headers = { authorization: `Bearer ${UNKNOWN_KEY}`, [name]: 'org_2' }
      assert.equal((await app.inject({ url: '/organization', headers })).body, 'org_2')
    }
  })

  it('refuses two credentials, even if one is valid', async (t) => {
    const { app, provider } = await createGuarded(t)
    const good = `Bearer ${await provider.token()}`
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const statusOf = (credentials: string[]) =>
      new Promise((resolve, reject) =>
        request({ port, path: '/mine', headers: ['Host', 'x', ...headersOf(credentials)] }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
          .on('error', reject)
          .end(),
      )
    assert.equal(await statusOf([good]), 200)
    assert.equal(await statusOf([good, 'Bearer x']), 401)
    assert.equal(await statusOf(['Bearer x', good]), 401)
  })
})
