import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { mintKey } from '../src/credential/api-key.ts'
import { isDenied } from '../src/principal/result.ts'
import { bearer, guardedServer } from './guarded-server.ts'
import { ADDRESS, claimsOf, sign, verifierOn } from './world.ts'

const { admin, app, dashboard, foreign, here, home, owner, server, signer } = await guardedServer({ after })

const { verifier } = await verifierOn({ after }, here.url, { unknownPerMinute: 1_000_000 })
const grantId = await here.grant(owner, await here.client(), { organizationIds: [home] })

const part = () =>
  fc.oneof(
    fc.base64String().map((text) => text.replace(/[+/=]/g, '_')),
    fc.string(),
  )
const json = () => fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))
const header = () =>
  fc
    .record(
      {
        alg: fc.oneof(fc.constantFrom('ES256', 'RS256', 'HS256', 'none'), fc.jsonValue()),
        typ: fc.oneof(fc.constantFrom('at+jwt', 'JWT'), fc.jsonValue()),
        kid: fc.oneof(fc.constant(signer.kid), fc.jsonValue()),
        crit: fc.jsonValue(),
        jwk: fc.jsonValue(),
        x5c: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))

const invention = () =>
  fc.oneof(
    fc.string(),
    unicodeString(),
    fc.string().map((text) => `${KEY_PREFIX}${text}`),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((entropy) => mintKey(entropy).key),
    fc.tuple(part(), part(), part()).map((parts) => parts.join('.')),
    fc.tuple(header(), json(), part()).map((parts) => parts.join('.')),
    fc.string({ minLength: 8000, maxLength: 9000 }),
    fc.tuple(fc.nat({ max: app.length - 1 }), fc.string({ minLength: 1 })).map(([at, text]) => app.slice(0, at) + text),
  )

const isGood = (credential: string) => [admin.key, app, dashboard].includes(credential)

describe('any credential', () => {
  it('is refused with a reason, without an exception and without a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(invention(), async (credential) => {
        fc.pre(!isGood(credential))
        const answer = await verifier.verify(credential, ADDRESS)
        assert.ok(isDenied(answer))
        assert.equal(answer.statusCode, 401)
      }),
      { numRuns: 500 },
    )
  })

  it('is refused if only the claims of a well-signed token are invalid', async () => {
    const claim = fc.constantFrom('iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'scope', 'gid', 'nbf', 'cnf')
    const good = claimsOf({ userId: owner, clientId: 'app', grantId })
    await fc.assert(
      fc.asyncProperty(claim, fc.jsonValue(), async (name, value) => {
        // jose itself refuses to sign some of them.
        const token = await sign(signer, { ...good, [name]: value as never }).catch(() => undefined)
        if (token === undefined) return
        const answer = await verifier.verify(token, ADDRESS)
        assert.ok(isDenied(answer))
        assert.equal(answer.statusCode, 401)
      }),
      { numRuns: 200 },
    )
  })
})

describe('any request', () => {
  const routes = [
    '/me',
    '/here',
    '/self',
    '/with/read-sandboxes',
    `/organizations/${home}/apps`,
    `/organizations/${foreign}/apps`,
  ]
  /** Valid values of a header. Node rejects all others. */
  const value = () => fc.string().filter((text) => /^[\x20-\x7e]*$/.test(text))
  const query = () => fc.webQueryParameters().map((text) => (text === '' ? '' : `?${text}`))

  it('is a 401 without a valid credential, on every route', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        query(),
        value(),
        value(),
        async (path, search, authorization, organization) => {
          fc.pre(!isGood(authorization.replace(/^bearer +/i, '')))
          const response = await server.inject({
            url: path + search,
            headers: { authorization, 'x-daytona-organization-id': organization },
          })
          assert.equal(response.statusCode, 401)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is never a 5xx with a valid credential', async () => {
    const credential = fc.constantFrom(admin.key, app, dashboard)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        query(),
        credential,
        value(),
        async (path, search, good, organization) => {
          const response = await server.inject({
            url: path + search,
            headers: { ...bearer(good), 'x-daytona-organization-id': organization },
          })
          assert.ok([200, 400, 403, 404].includes(response.statusCode), response.body)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is never allowed into a foreign organization', async () => {
    const credential = fc.constantFrom(admin.key, app, dashboard)
    const disguise = fc.constantFrom(
      (id: string) => id,
      (id: string) => `${home},${id}`,
      (id: string) => `${id},${home}`,
      (id: string) => ` ${id}`,
      (id: string) => id.toUpperCase(),
      (id: string) => `${id}\u0000`,
      (id: string) => encodeURIComponent(`${id}/../${home}`),
    )
    await fc.assert(
      fc.asyncProperty(credential, disguise, async (good, disguised) => {
        const headers = { ...bearer(good), 'x-daytona-organization-id': disguised(foreign) }
        assert.equal((await server.inject({ url: '/here', headers })).statusCode, 403)
        const url = `/organizations/${encodeURIComponent(disguised(foreign))}/apps`
        assert.equal((await server.inject({ url, headers: bearer(good) })).statusCode, 404)
      }),
    )
  })
})
