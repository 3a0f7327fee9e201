import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { world } from '../../../test/world.ts'

const { request, person } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()

const publicOf = ({ publicKey }: { readonly publicKey: KeyObject }) => publicKey.export({ format: 'jwk' })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const jwks = { keys: [{ ...publicOf(ec), kid: 'a', alg: 'ES256', use: 'sig' }] }
const jwksUri = 'https://app.example.test/jwks.json'
const method = { tokenEndpointAuthMethod: 'private_key_jwt' }

interface App {
  readonly clientId: string
  readonly clientSecret?: string
  readonly tokenEndpointAuthMethod: string
  readonly jwks: unknown
  readonly jwksUri: string | null
  readonly requireSignedRequestObject: boolean
  readonly requestObjectSigningAlg: string | null
  readonly requirePushedAuthorizationRequests: boolean
}

const create = (members: object) =>
  request('POST', '/oauth-apps', token, {
    organization,
    body: {
      name: 'App',
      type: 'web',
      redirectUris: ['https://app.example.test/callback'],
      scopes: ['openid'],
      ...members,
    },
  })
const change = (clientId: string, body: object) =>
  request('PATCH', `/oauth-apps/${clientId}`, token, { organization, body })
const authOf = ({ tokenEndpointAuthMethod, jwks: keys, jwksUri: uri }: App) => [tokenEndpointAuthMethod, keys, uri]

describe('the keys of an app', () => {
  const key = jwks.keys[0]
  const refused: Record<string, [object, string]> = {
    'for an app with a secret': [{ jwks }, 'jwks'],
    'published by an app with a secret': [{ jwksUri }, 'jwksUri'],
    'that are missing': [method, 'jwks'],
    'absent, of an app that has to sign its requests': [
      { requireSignedRequestObject: true },
      'requireSignedRequestObject',
    ],
    'absent, of an app with an algorithm of requests': [
      { requestObjectSigningAlg: 'ES256' },
      'requestObjectSigningAlg',
    ],
    'in two places': [{ ...method, jwks, jwksUri }, 'jwksUri'],
    'of a page': [{ ...method, type: 'spa', jwks }, 'tokenEndpointAuthMethod'],
    'of a native app': [{ ...method, type: 'native', jwks }, 'tokenEndpointAuthMethod'],
    'published over http': [{ ...method, jwksUri: 'http://app.example.test/jwks' }, 'jwksUri'],
    'published at another scheme': [{ ...method, jwksUri: 'file:///etc/passwd' }, 'jwksUri'],
    'published with a password': [{ ...method, jwksUri: 'https://a:b@app.example.test/jwks' }, 'jwksUri'],
    'that are no list': [{ ...method, jwks: { keys: {} } }, 'jwks.keys'],
    'that are none': [{ ...method, jwks: { keys: [] } }, 'jwks.keys'],
    'that are too many': [{ ...method, jwks: { keys: Array.from({ length: 11 }, () => key) } }, 'jwks.keys'],
    'that share a kid': [{ ...method, jwks: { keys: [key, key] } }, 'jwks.keys'],
    'that are private': [{ ...method, jwks: { keys: [ec.privateKey.export({ format: 'jwk' })] } }, 'jwks.keys.0'],
    'that are a shared secret': [{ ...method, jwks: { keys: [{ kty: 'oct' }] } }, 'jwks.keys.0.kty'],
    'that are incomplete': [{ ...method, jwks: { keys: [{ ...key, y: undefined }] } }, 'jwks.keys.0'],
    'that are not on their curve': [{ ...method, jwks: { keys: [{ ...key, y: key?.x }] } }, 'jwks.keys.0'],
    'that are short': [
      { ...method, jwks: { keys: [publicOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))] } },
      'jwks.keys.0',
    ],
    'that encrypt': [{ ...method, jwks: { keys: [{ ...key, use: 'enc' }] } }, 'jwks.keys.0.use'],
    'for an algorithm with a secret': [{ ...method, jwks: { keys: [{ ...key, alg: 'HS256' }] } }, 'jwks.keys.0.alg'],
    'for another method': [{ tokenEndpointAuthMethod: 'tls_client_auth' }, 'tokenEndpointAuthMethod'],
  }
  for (const [what, [members, path]] of Object.entries(refused)) {
    it(`are refused ${what}`, async () => {
      const { status, body, text } = await create(members)
      assert.equal(status, 400, text)
      const { details = [] } = body as { details?: { path: string }[] }
      assert.ok(
        details.some((detail) => detail.path === path || detail.path.startsWith(`${path}.`)),
        text,
      )
      assert.doesNotMatch(text, new RegExp(String(ec.privateKey.export({ format: 'jwk' }).d)))
    })
  }

  it('replace its secret, and are shown again', async () => {
    const { status, body, text } = await create({ ...method, jwks })
    assert.equal(status, 201, text)
    const app = body as App
    assert.equal(app.clientSecret, undefined)
    assert.deepEqual(authOf(app), ['private_key_jwt', jwks, null])
    const got = await request('GET', `/oauth-apps/${app.clientId}`, token, { organization })
    assert.deepEqual(got.body, app)
  })

  it('may be of several kinds', async () => {
    const keys = [ec, rsa, ed].map((pair, index) => ({ ...publicOf(pair), kid: `key ${index}` }))
    const { body, text } = await create({ ...method, jwks: { keys } })
    assert.deepEqual((body as App).jwks, { keys }, text)
  })

  it('change to published ones and back to a secret, one consistent step at a time', async () => {
    const { clientId } = (await create({})).body as App
    for (const wrong of [method, { jwks }, { jwksUri }, { ...method, jwks, jwksUri }]) {
      assert.equal((await change(clientId, wrong)).status, 400, JSON.stringify(wrong))
    }
    assert.deepEqual(authOf((await change(clientId, { ...method, jwks })).body as App), ['private_key_jwt', jwks, null])
    for (const wrong of [{ jwksUri }, { jwks: null }, { tokenEndpointAuthMethod: 'client_secret_basic' }]) {
      assert.equal((await change(clientId, wrong)).status, 400, JSON.stringify(wrong))
    }
    const published = await change(clientId, { jwks: null, jwksUri })
    assert.deepEqual(authOf(published.body as App), ['private_key_jwt', null, jwksUri])
    const signed = { requireSignedRequestObject: true, requestObjectSigningAlg: 'ES256' }
    const { requireSignedRequestObject, requestObjectSigningAlg } = (await change(clientId, signed)).body as App
    assert.deepEqual({ requireSignedRequestObject, requestObjectSigningAlg }, signed)
    const secret = { tokenEndpointAuthMethod: 'client_secret_basic', jwksUri: null }
    assert.equal((await change(clientId, secret)).status, 400)
    await change(clientId, { requireSignedRequestObject: false, requestObjectSigningAlg: null })
    const back = await change(clientId, secret)
    assert.deepEqual(authOf(back.body as App), ['client_secret_basic', null, null])
  })

  it('stay consistent if two changes of them are made at the same time', async () => {
    const { clientId } = (await create({ ...method, jwksUri })).body as App
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        change(clientId, index % 2 === 0 ? { jwks, jwksUri: null } : { jwksUri, jwks: null }),
      ),
    )
    assert.ok(answers.every(({ status }) => status === 200 || status === 400))
    const { body } = await request('GET', `/oauth-apps/${clientId}`, token, { organization })
    const { jwks: keys, jwksUri: uri } = body as App
    assert.equal((keys === null) !== (uri === null), true)
  })
})

describe('requirePushedAuthorizationRequests', () => {
  it('is off unless it is set, and changes', async () => {
    const { body } = await create({ requirePushedAuthorizationRequests: true })
    const { clientId, requirePushedAuthorizationRequests } = body as App
    assert.equal(requirePushedAuthorizationRequests, true)
    const changed = (await change(clientId, { requirePushedAuthorizationRequests: false })).body as App
    assert.equal(changed.requirePushedAuthorizationRequests, false)
    assert.equal((await change(clientId, { requirePushedAuthorizationRequests: 'yes' })).status, 400)
  })
})
