import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose'
import { createTokenVerifier } from '../src/resource-server/access-token.ts'
import { createEndpointReader } from '../src/resource-server/discovery.ts'
import { createResourceServer, type ResourceServerOptions } from '../src/resource-server/index.ts'
import { resolveSettings } from '../src/resource-server/options.ts'
import { AUDIENCE, startProvider, type TokenChanges } from './provider.ts'

const provider = await startProvider({ after })
const { issuer } = provider
const first = await provider.rotate('first')
const foreign = await startProvider({ after })
const rsa = await generateKeyPair('RS256', { extractable: true })
const other = await generateKeyPair('ES256')

const options: ResourceServerOptions = {
  issuer,
  audience: AUDIENCE,
  clientId: 'app_1',
  clientSecret: 'secret',
  accessTokens: 'offline',
}
const { decide } = createResourceServer(options)

const presented = (credential: string) => ({ authorization: `Bearer ${credential}`, organizationId: undefined })
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs a token without one claim. */
const without = async (claim: string) => provider.token({ claims: { [claim]: undefined } })
const signed = (changes: TokenChanges) => () => provider.token(changes)
const now = Math.floor(Date.now() / 1000)

/** Assembles a token that `jose` would not sign. */
async function assembled(header: object, sign: (input: string) => string) {
  const [, payload = ''] = (await provider.token()).split('.')
  const input = `${encoded(header)}.${payload}`
  return `${input}.${sign(input)}`
}

const FORGED: Readonly<Record<string, () => Promise<string>>> = {
  'has another issuer': signed({ claims: { iss: foreign.issuer } }),
  'names the issuer with a slash': signed({ claims: { iss: `${issuer}/` } }),
  'is for another audience': signed({ claims: { aud: 'https://other.example.com' } }),
  'is for several audiences': signed({ claims: { aud: [AUDIENCE, 'https://other.example.com'] } }),
  'has expired this second': signed({ claims: { exp: now } }),
  'is not valid yet': signed({ claims: { nbf: now + 60 } }),
  'is bound to a key': signed({ claims: { cnf: { jkt: 'x' } } }),
  'is an id_token': signed({ header: { typ: 'JWT' } }),
  'has no type': signed({ header: { typ: undefined } as never }),
  'names an unknown key': signed({ header: { kid: 'second' } }),
  'names no key': signed({ header: { kid: undefined } as never }),
  'is signed by another key': signed({ key: other.privateKey }),
  'is signed by an RSA key with the id of another key': signed({ header: { alg: 'RS256' }, key: rsa.privateKey }),
  'contains its own key': signed({ header: { jwk: { kty: 'EC' } } as never, key: other.privateKey }),
  'has a critical extension': signed({ header: { crit: ['x'], x: 1 } as never }),
  'has an empty subject': signed({ claims: { sub: '' } }),
  'has a subject that is no string': signed({ claims: { sub: 1 } as never }),
  'has an expiry that is no number': signed({ claims: { exp: 'never' } as never }),
  'has scopes in a list': signed({ claims: { scope: ['read:sandboxes'] } }),
  'is too large': signed({ claims: { padding: 'x'.repeat(8192) } }),
  'has no signature': () => assembled({ alg: 'none', typ: 'at+jwt', kid: 'first' }, () => ''),
  'is signed with the public key as a secret': async () => {
    const secret = await exportSPKI(first.publicKey)
    return assembled({ alg: 'HS256', typ: 'at+jwt', kid: 'first' }, (input) =>
      createHmac('sha256', secret).update(input).digest('base64url'),
    )
  },
  'has another payload': async () => {
    const [header, , signature] = (await provider.token()).split('.')
    const claims = JSON.parse(Buffer.from(String((await provider.token()).split('.')[1]), 'base64url').toString())
    return `${header}.${encoded({ ...claims, sub: 'usr_2' })}.${signature}`
  },
  'is not JSON': async () => 'aaaa.bbbb.cccc',
  ...Object.fromEntries(
    ['iss', 'sub', 'aud', 'client_id', 'jti', 'exp', 'iat', 'scope'].map((claim) => [
      `has no ${claim}`,
      () => without(claim),
    ]),
  ),
}

describe('a token that', () => {
  for (const [difference, forge] of Object.entries(FORGED)) {
    it(`${difference} is refused without a reason`, async () => {
      const token = await forge()
      const decision = await decide(presented(token), 'authenticated')
      assert.ok('denial' in decision)
      const { statusCode, body, headers } = decision.denial
      const isToken = token.split('.').every(Boolean)
      const error = isToken ? 'Invalid or expired token' : 'Invalid or expired API key'
      assert.deepEqual(
        [statusCode, body, headers['www-authenticate']],
        [401, { statusCode: 401, message: 'Unauthorized', error }, 'Bearer error="invalid_token"'],
      )
    })
  }

  it('is valid is accepted offline, within its scopes and without introspection', async () => {
    const before = provider.asked.length
    const token = await provider.token()
    const decision = await decide({ ...presented(token), authorization: `bearer  ${token}` }, 'read:sandboxes')
    assert.deepEqual(decision, {
      principal: {
        kind: 'access-token',
        userId: 'usr_1',
        clientId: 'app_2',
        tokenId: 'j1',
        organization: undefined,
        scopes: new Set(['openid', 'read:sandboxes']),
        expiresAt: expiryOf(token),
      },
    })
    const refused = await decide(presented(token), ['read:sandboxes', 'write:sandboxes', 'read:volumes'])
    assert.ok('denial' in refused)
    assert.deepEqual(
      [refused.denial.statusCode, refused.denial.headers['www-authenticate']],
      [403, 'Bearer error="insufficient_scope", scope="write:sandboxes read:volumes"'],
    )
    assert.equal(provider.asked.length, before)
  })

  it('is sent twice is refused, in one header or two', async () => {
    const token = await provider.token()
    for (const authorization of [
      `Bearer ${token} ${token}`,
      `Bearer ${token}, Bearer ${token}`,
      `${token}`,
      'Basic x',
    ]) {
      const decision = await decide({ authorization, organizationId: undefined }, 'authenticated')
      assert.equal('denial' in decision && decision.denial.statusCode, 401, authorization)
    }
  })
})

describe("the provider's keys", () => {
  const verifierOf = (of: typeof provider, cooldownDuration = 0) => {
    const settings = resolveSettings({ ...options, issuer: of.issuer })
    return createTokenVerifier(settings, createEndpointReader(settings), { cacheMaxAge: 60_000, cooldownDuration })
  }

  it('are read once, and again when a token names an unknown one', async (t) => {
    const own = await startProvider(t)
    const verify = verifierOf(own)
    for (let times = 0; times < 3; times += 1) assert.ok(await verify(await own.token()))
    assert.deepEqual(own.asked, ['/.well-known/openid-configuration', '/jwks'])
    const old = await own.token()
    await own.rotate('second')
    assert.ok(await verify(await own.token()))
    assert.equal(await verify(old), undefined, 'the old key is no longer published')
  })

  it('may be RSA keys', async (t) => {
    const own = await startProvider(t)
    own.documents.set('/jwks', {
      keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' }],
    })
    const token = async (alg: string) =>
      own.token({ header: { kid: 'rsa', alg }, key: await importJWK(await exportJWK(rsa.privateKey), alg) })
    const verify = verifierOf(own)
    assert.equal((await verify(await token('RS256')))?.claims.userId, 'usr_1')
    assert.equal(await verify(await token('RS512')), undefined)
  })

  it('are not read again for each token that names an unknown one', async (t) => {
    const own = await startProvider(t)
    const verify = verifierOf(own, 10_000)
    for (let times = 0; times < 5; times += 1) {
      assert.equal(await verify(await own.token({ header: { kid: `invented ${times}` } })), undefined)
    }
    assert.deepEqual(own.asked, ['/.well-known/openid-configuration', '/jwks'])
  })

  for (const [what, breakProvider] of [
    ['cannot be read', (own: typeof provider) => own.documents.delete('/jwks')],
    ['are invalid', (own: typeof provider) => own.documents.set('/jwks', { keys: 'none' })],
    ['have no discovery document', (own: typeof provider) => own.documents.delete('/.well-known/openid-configuration')],
  ] as const) {
    it(`that ${what} cause a 503, and the token is valid once they are back`, async (t) => {
      const own = await startProvider(t)
      const documents = new Map(own.documents)
      const time = { now: Date.now() }
      const faults: Error[] = []
      const server = createResourceServer({
        ...options,
        issuer: own.issuer,
        onFault: (fault) => faults.push(fault),
        clock: { now: () => time.now, monotonic: () => 0 },
      })
      const token = await own.token()
      breakProvider(own)
      const decision = await server.decide(presented(token), 'authenticated')
      assert.ok('denial' in decision)
      const { statusCode, headers, body } = decision.denial
      assert.deepEqual(
        [statusCode, headers['retry-after'], body.error, headers['www-authenticate']],
        [503, '1', 'Service unavailable', undefined],
      )
      assert.deepEqual([faults.length, faults[0]?.name, String(faults).includes(token)], [1, 'ProviderFault', false])
      for (const [path, document] of documents) own.documents.set(path, document)
      time.now += 1000
      assert.ok('principal' in (await server.decide(presented(token), 'authenticated')))
    })
  }

  it('are read only for the configured issuer, at its own origin', async (t) => {
    for (const change of [
      { issuer: 'https://other.example.com' },
      { issuer: `${issuer}/` },
      { jwks_uri: `${foreign.issuer}/jwks` },
      { introspection_endpoint: `${foreign.issuer}/introspect` },
      { introspection_endpoint: undefined },
    ]) {
      const own = await startProvider(t)
      const path = '/.well-known/openid-configuration'
      own.documents.set(path, { ...(own.documents.get(path) as object), ...change })
      const before = foreign.asked.length
      const { decide } = createResourceServer({ ...options, issuer: own.issuer })
      const decision = await decide(presented(await own.token()), 'authenticated')
      assert.equal('denial' in decision && decision.denial.statusCode, 503, JSON.stringify(change))
      assert.deepEqual([own.asked, foreign.asked.length], [[path], before])
    }
  })
})

const expiryOf = (token: string): number =>
  1000 * JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()).exp
