import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import fastify from 'fastify'
import { resourceServer } from '../src/resource-server/fastify.ts'
import { createResourceServer, type ResourceServerOptions } from '../src/resource-server/index.ts'
import { AUDIENCE, startProvider } from './provider.ts'

const ORIGIN = 'https://service.example.com'
const key = await proofSigner()
const stranger = await proofSigner()
const provider = await startProvider({ after })
await provider.rotate('first')

const options = (more: Partial<ResourceServerOptions> = {}): ResourceServerOptions => ({
  issuer: provider.issuer,
  audience: AUDIENCE,
  clientId: 'app_1',
  clientSecret: 'secret',
  accessTokens: 'offline',
  origin: ORIGIN,
  ...more,
})
const { guard } = createResourceServer(options())
const boundToken = (cnf: unknown = { jkt: key.thumbprint }) => provider.token({ claims: { cnf } as never })

/** Sends a request to a guard, and returns the status and the challenge of its denial, or the user. */
async function ask(by: typeof guard, token: string, headers: Record<string, string>, path = '/mine') {
  const request = new Request(`http://10.0.0.1:8080${path}`, {
    headers: { authorization: `DPoP ${token}`, ...headers },
  })
  const answer = await by(request, 'authenticated')
  if (!(answer instanceof Response)) return answer.userId
  return `${answer.status} ${/^(\w+)(?: error="(\w+)")?/
    .exec(answer.headers.get('www-authenticate') ?? '')
    ?.slice(1)
    .join(' ')}`
}

const proven = async (token: string, by = key, url = `${ORIGIN}/mine`, method = 'GET') => ({
  dpop: await by.proof(method, url, token),
})

describe('a token that is bound to a key', () => {
  it('is accepted with a proof of the public URL, behind a proxy too, and once', async () => {
    const token = await boundToken()
    const headers = await proven(token)
    assert.equal(await ask(guard, token, headers), 'usr_1')
    assert.equal(await ask(guard, token, headers), '401 DPoP invalid_dpop_proof')
    assert.equal(await ask(guard, token, await proven(token), '/mine?limit=1'), 'usr_1')
  })

  it('is refused as a bearer token, with a proof too', async () => {
    const token = await boundToken()
    assert.equal(await ask(guard, token, { authorization: `Bearer ${token}` }), '401 DPoP invalid_token')
    const beside = { ...(await proven(token)), authorization: `Bearer ${token}` }
    assert.equal(await ask(guard, token, beside), '401 DPoP invalid_token')
  })

  it('is refused without a proof, and with one of another key, request or token', async () => {
    const token = await boundToken()
    for (const [what, headers] of Object.entries({
      none: {},
      'of another key': await proven(token, stranger),
      'of another path': await proven(token, key, `${ORIGIN}/other`),
      'of the address behind the proxy': await proven(token, key, 'http://10.0.0.1:8080/mine'),
      'of another method': await proven(token, key, `${ORIGIN}/mine`, 'POST'),
      'of another token': await proven(`${token}x`),
      'and another': { dpop: `${(await proven(token)).dpop}, ${(await proven(token)).dpop}` },
    })) {
      assert.equal(await ask(guard, token, headers), '401 DPoP invalid_dpop_proof', what)
    }
  })

  it('is refused if the origin of the resource server is not known', async () => {
    const { guard: without } = createResourceServer(options({ origin: undefined }))
    const token = await boundToken()
    assert.equal(await ask(without, token, await proven(token)), '401 DPoP invalid_token')
    for (const origin of ['service.example.com', `${ORIGIN}/`, `${ORIGIN}/path`, ''])
      assert.throws(() => createResourceServer(options({ origin })), /origin is not an origin/, origin)
  })

  it('is refused with any other confirmation', async () => {
    for (const cnf of [{ jkt: key.thumbprint, 'x5t#S256': 'x' }, { 'x5t#S256': 'x' }, {}, null, 'x']) {
      const token = await boundToken(cnf)
      assert.equal(await ask(guard, token, await proven(token)), '401 DPoP invalid_token', JSON.stringify(cnf))
      assert.equal(await ask(guard, token, { authorization: `Bearer ${token}` }), '401 Bearer invalid_token')
    }
  })

  it('is introspected after its proof was checked', async () => {
    const { guard: introspecting } = createResourceServer(options({ accessTokens: 'introspect', cacheSeconds: 0 }))
    const token = await boundToken()
    const before = provider.asked.length
    assert.equal(await ask(introspecting, token, await proven(token, stranger)), '401 DPoP invalid_dpop_proof')
    assert.ok(!provider.asked.slice(before).includes('/introspect'))
    assert.equal(await ask(introspecting, token, await proven(token)), '401 Bearer invalid_token', 'inactive')
    assert.ok(provider.asked.slice(before).includes('/introspect'))
  })

  it('is accepted by the Fastify plugin with a proof of the path that the client requested', async (t) => {
    const app = fastify({ rewriteUrl: ({ url = '/' }) => url.replace('/api', '') })
    t.after(() => app.close())
    await app.register(resourceServer, { resourceServer: createResourceServer(options()) })
    app.get('/mine', { config: { requires: 'authenticated' } }, async ({ caller }) => caller.userId)
    const token = await boundToken()
    const send = async (url: string, path: string) => {
      const headers = { authorization: `DPoP ${token}`, ...(await proven(token, key, ORIGIN + path)) }
      return (await app.inject({ url, headers })).statusCode
    }
    assert.deepEqual(
      [await send('/mine?a=1', '/mine'), await send('/api/mine', '/api/mine'), await send('/api/mine', '/mine')],
      [200, 200, 401],
    )
  })
})

it('a credential that is not bound to a key is refused with a proof', async () => {
  const token = await provider.token()
  assert.equal(await ask(guard, token, await proven(token)), '401 DPoP invalid_token')
  assert.equal(await ask(guard, 'dta_x', await proven('dta_x')), '401 DPoP invalid_token')
  assert.equal(await ask(guard, token, { authorization: `Bearer ${token}` }), 'usr_1')
})
