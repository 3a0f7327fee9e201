import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import type { Scope } from '@daytona-auth/testing'
import fastify from 'fastify'
import { resourceServer } from '../src/resource-server/fastify.ts'
import { createResourceServer } from '../src/resource-server/index.ts'
import { AUDIENCE, ownProvider } from './provider.ts'

/** A server that is guarded, with the routes that `routes` adds. */
async function guarded(scope: Scope, routes: (app: ReturnType<typeof fastify>) => void = () => {}) {
  const provider = await ownProvider(scope)
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
  app.get('/nobody', { config: { requires: 'public' } }, async (request) => request.caller)
  app.get('/mine', { config: { requires: 'authenticated' } }, async ({ caller }) => caller.userId)
  app.post('/sandboxes', { config: { requires: ['write:sandboxes'] } }, async () => 'made')
  app.get('/else', { config: { requires: 'authenticated' } }, async (request) => {
    Object.assign(request, { caller: { userId: 'usr_2' } })
  })
  routes(app)
  return { app, provider }
}

const headersOf = (credentials: string[]) => credentials.flatMap((credential) => ['Authorization', credential])

describe('a Fastify server that is guarded', () => {
  for (const [what, config, says] of [
    ['says nothing', undefined, /GET \/x does not say what it requires/],
    ['says it elsewhere', { access: 'public' }, /GET \/x does not say what it requires/],
    ['requires an empty list', { requires: [] }, /GET \/x asks for no permission/],
    ['requires what is no permission', { requires: 'read:everything' }, /GET \/x asks for "read:everything"/],
  ] as [string, object | undefined, RegExp][]) {
    it(`does not start with a route that ${what}`, async (t) => {
      const boot = guarded(t, (app) => app.get('/x', config ? { config } : {}, async () => 'open'))
      await assert.rejects(boot, says)
    })
  }

  it('lets nobody in where somebody is required, by HEAD neither', async (t) => {
    const { app } = await guarded(t)
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

  it('refuses before it reads a body', async (t) => {
    const { app } = await guarded(t)
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/sandboxes',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    })
    assert.equal(statusCode, 401)
  })

  it('leaves what is public, and what is not there, to itself', async (t) => {
    const { app } = await guarded(t)
    assert.equal((await app.inject('/public')).body, 'for all')
    assert.equal((await app.inject('/missing')).statusCode, 404)
    assert.equal((await app.inject('/nobody')).statusCode, 500)
  })

  it('knows who calls, and lets nobody become somebody else', async (t) => {
    const { app, provider } = await guarded(t)
    const headers = { authorization: `Bearer ${await provider.token()}` }
    assert.equal((await app.inject({ url: '/mine', headers })).body, 'usr_1')
    assert.equal((await app.inject({ url: '/else', headers })).statusCode, 500)
    const refused = await app.inject({ method: 'POST', url: '/sandboxes', headers })
    assert.deepEqual(
      [refused.statusCode, refused.headers['www-authenticate']],
      [403, 'Bearer error="insufficient_scope", scope="write:sandboxes"'],
    )
  })

  it('takes two credentials for none, whichever is good', async (t) => {
    const { app, provider } = await guarded(t)
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
