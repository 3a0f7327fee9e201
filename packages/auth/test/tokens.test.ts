import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { connect, newId } from '@daytona-auth/db/core'
import type { Permission } from '@daytona-auth/protocol/scopes'
import { waitFor } from '@daytona-auth/testing'
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose'
import { namesOf } from '../src/principal/permission.ts'
import { type Answer, isDenied } from '../src/principal/result.ts'
import { ADDRESS, AUDIENCE, claimsOf, ISSUER, sign, verifierOn, world } from './world.ts'

let wallClock: number | undefined
const here = await world({ after })
const signer = await here.signer('ES256')
const rsa = await here.signer('RS256')
await here.publish(signer)
await here.publish(rsa)
const process = await verifierOn({ after }, here.url, { now: () => wallClock ?? Date.now() })

const owner = await here.user()
const home = await here.organization(owner)
const other = await here.organization(owner)
const app = await here.client()
const dashboard = await here.client({ isFirstParty: true })
const grantId = await here.grant(owner, app, {
  scopes: ['openid', 'email', 'read:sandboxes', 'write:sandboxes'],
  organizationIds: [home],
})
const subject = { userId: owner, clientId: app, grantId }
const good = (more: JWTPayload = {}) => claimsOf(subject, { scope: 'openid read:sandboxes', ...more })
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

const verify = async (token: string) => process.verifier.verify(token, ADDRESS)
const asked = async (token: string) => gist(await verify(token))
const forgery = (header: object, payload: object, signature = 'c2lnbmF0dXJl') =>
  `${encode(header)}.${encode(payload)}.${signature}`
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** Summarizes an answer: the reason, or the effective permissions by organization. */
function gist(answer: Answer): string | Record<string, Permission[]> {
  if (isDenied(answer)) return answer.reason
  return Object.fromEntries([...answer.access].map(([id, { permissions }]) => [id, namesOf(permissions)]))
}

/** A key that is not ours, in the place of each that a token could bring along. */
const mallory = await generateKeyPair('ES256', { extractable: true })
const malloryJwk = await exportJWK(mallory.publicKey)
const header = { alg: 'ES256', typ: 'at+jwt', kid: signer.kid }
const publicPem = await exportSPKI((await importJWK(signer.publicJwk, 'ES256', { extractable: true })) as CryptoKey)
const hmac = (secret: string | Buffer, alg: string, payload: object) => {
  const input = `${encode({ ...header, alg })}.${encode(payload)}`
  return `${input}.${createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url')}`
}

const FORGERIES: Record<string, () => string | Promise<string>> = {
  'unsigned (alg none)': () => `${encode({ ...header, alg: 'none' })}.${encode(good())}.`,
  'of alg none with a signature': () => forgery({ ...header, alg: 'none' }, good()),
  'of alg None, nOnE': () => forgery({ ...header, alg: 'nOnE' }, good()),
  'of HS256 keyed with our public PEM': () => hmac(publicPem, 'HS256', good()),
  'of HS256 keyed with our public PEM without its last newline': () => hmac(publicPem.trim(), 'HS256', good()),
  'of HS256 keyed with our public JWK': () => hmac(JSON.stringify(signer.publicJwk), 'HS256', good()),
  'of HS512 keyed with our public DER': () =>
    hmac(createPublicKey(publicPem).export({ type: 'spki', format: 'der' }), 'HS512', good()),
  'of RS256 under the kid of our ES256 key': () => sign({ ...rsa, kid: signer.kid }, good()),
  'of ES256 under the kid of our RS256 key': () => sign({ ...signer, kid: rsa.kid }, good()),
  'that says RS256 and is signed by ES256': async () => {
    const [, payload, signature] = (await sign(signer, good())).split('.')
    return `${encode({ ...header, alg: 'RS256' })}.${payload}.${signature}`
  },
  'signed by a stranger under our kid': () => sign({ ...signer, privateKey: mallory.privateKey }, good()),
  'signed by a stranger under an unknown kid': () =>
    sign({ ...signer, kid: 'mallory', privateKey: mallory.privateKey }, good()),
  'that brings its own key (jwk)': () =>
    new SignJWT(good()).setProtectedHeader({ ...header, jwk: malloryJwk }).sign(mallory.privateKey),
  'that brings its own key and its thumbprint as kid': () =>
    new SignJWT(good()).setProtectedHeader({ ...header, kid: 'mallory', jwk: malloryJwk }).sign(mallory.privateKey),
  'that says where its key is (jku)': () =>
    new SignJWT(good())
      .setProtectedHeader({ ...header, kid: 'mallory', jku: 'http://127.0.0.1:1/jwks.json' })
      .sign(mallory.privateKey),
  'that says where its certificate is (x5u)': () =>
    new SignJWT(good())
      .setProtectedHeader({ ...header, kid: 'mallory', x5u: 'http://127.0.0.1:1/cert.pem' })
      .sign(mallory.privateKey),
  'whose kid is a path': () => sign({ ...signer, kid: '../../dev/null' }, good()),
  'whose kid is a statement': () => sign({ ...signer, kid: "' OR 1=1 --" }, good()),
  'whose kid is a property of every object': () => sign({ ...signer, kid: '__proto__' }, good()),
  'whose kid is the constructor': () => sign({ ...signer, kid: 'constructor' }, good()),
  'whose kid is a number': () => forgery({ ...header, kid: 1 }, good()),
  'whose kid is empty': () => sign({ ...signer, kid: '' }, good()),
  'whose kid is longer than any': () => sign({ ...signer, kid: 'k'.repeat(300) }, good()),
  'without a kid': () =>
    new SignJWT(good()).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' }).sign(signer.privateKey),
  'of type JWT': () => sign(signer, good(), { typ: 'JWT' }),
  'of no type': () => new SignJWT(good()).setProtectedHeader({ alg: 'ES256', kid: signer.kid }).sign(signer.privateKey),
  'that is an id_token': () =>
    sign(
      rsa,
      { iss: ISSUER, sub: owner, aud: app, iat: inSeconds(0), exp: inSeconds(3600), nonce: 'n' },
      { typ: 'JWT' },
    ),
  'that is an id_token of our audience': () => sign(rsa, good(), { typ: 'id_token+jwt' }),
  'that is a logout token': () => sign(signer, good(), { typ: 'logout+jwt' }),
  'with a critical extension': () => sign(signer, good(), { crit: ['b64'], b64: true }),
  'bound to a key (DPoP)': () => sign(signer, good({ cnf: { jkt: 'thumbprint' } })),
  'bound to a certificate': () => sign(signer, good({ cnf: { 'x5t#S256': 'thumbprint' } })),
  'whose binding is empty': () => sign(signer, good({ cnf: null })),
  'from another issuer': () => sign(signer, good({ iss: 'https://evil.example' })),
  'from our issuer with a slash': () => sign(signer, good({ iss: `${ISSUER}/` })),
  'from our issuer in capitals': () => sign(signer, good({ iss: ISSUER.toUpperCase() })),
  'from a list of issuers': () => sign(signer, good({ iss: [ISSUER] as never })),
  'for another audience': () => sign(signer, good({ aud: 'https://other.example' })),
  'for an audience that ours begins': () => sign(signer, good({ aud: `${AUDIENCE}.evil.example` })),
  'for the client': () => sign(signer, good({ aud: app })),
  'for several audiences, ours among them': () => sign(signer, good({ aud: [AUDIENCE, 'https://other.example'] })),
  'for no audience at all': () => sign(signer, good({ aud: [] })),
  'that has expired': () => sign(signer, good({ exp: inSeconds(-1) })),
  'that expired long ago': () => sign(signer, good({ exp: 1 })),
  'whose exp is text': () => sign(signer, good({ exp: String(inSeconds(3600)) as never })),
  'whose exp is null': () => sign(signer, good({ exp: null as never })),
  'that is not valid yet': () => sign(signer, good({ nbf: inSeconds(3600) })),
  'whose scope is a list': () => sign(signer, good({ scope: ['read:sandboxes'] })),
  'whose subject is empty': () => sign(signer, good({ sub: '' })),
  'whose grant is a number': () => sign(signer, good({ gid: 1 })),
  'of another user’s grant': async () => sign(signer, good({ sub: await here.user() })),
  'of another client’s grant': () => sign(signer, good({ client_id: dashboard })),
  'of a grant that does not exist': () => sign(signer, good({ gid: newId('grant') })),
  'of a user who does not exist': () => sign(signer, good({ sub: newId('usr') })),
  ...Object.fromEntries(
    ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'scope', 'gid'].map((claim) => [
      `without ${claim}`,
      () => sign(signer, good({ [claim]: undefined })),
    ]),
  ),
  'of three empty parts': () => '..',
  'of four parts': async () => `${await sign(signer, good())}.x`,
  'of five parts (encrypted)': () => 'a.b.c.d.e',
  'whose header is no JSON': () => `${Buffer.from('{').toString('base64url')}.${encode(good())}.sig`,
  'whose header is a list': () => forgery([], good()),
  'whose header is null': () => `${Buffer.from('null').toString('base64url')}.${encode(good())}.sig`,
  'whose payload is no JSON': async () => {
    const [head, , signature] = (await sign(signer, good())).split('.')
    return `${head}.${Buffer.from('{').toString('base64url')}.${signature}`
  },
  'with padding': async () => `${await sign(signer, good())}=`,
  'with a space in it': async () => (await sign(signer, good())).replace('.', '. '),
  'of more than 8 KiB': () => sign(signer, good({ padding: 'x'.repeat(8 * 1024) })),
}

describe('verifying a token', () => {
  it('accepts a good one, so that the forgeries below differ from it in one thing each', async () => {
    assert.deepEqual(await asked(await sign(signer, good())), { [home]: ['read:sandboxes'] })
    assert.deepEqual(await asked(await sign(rsa, good())), { [home]: ['read:sandboxes'] })
  })

  for (const [what, make] of Object.entries(FORGERIES)) {
    it(`refuses one ${what}`, async () => {
      const token = await make()
      const answer = await verify(token)
      assert.ok(isDenied(answer), 'accepted')
      assert.equal(answer.statusCode, 401)
      assert.deepEqual(await verify(token), answer, 'the second time as well')
    })
  }

  it('refuses one with any one character of its signature, payload or header changed', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const key of [signer, rsa]) {
      const token = await sign(key, good())
      const ends = [...token.matchAll(/.(?=\.|$)/g)].map(({ index }) => index)
      const places = new Set([...Array.from(token).keys()].filter((at) => at % 3 === 0).concat(ends))
      for (const at of places) {
        if (token[at] === '.') continue
        // Only the lowest bit differs: in the last character of a part, a decoder ignores it.
        const other = alphabet[alphabet.indexOf(token[at] ?? '') ^ 1]
        const changed = token.slice(0, at) + other + token.slice(at + 1)
        assert.ok(isDenied(await verify(changed)), `accepted with another character at ${at}`)
      }
    }
  })

  it('refuses a cached one at the millisecond at which it expires', async () => {
    const exp = inSeconds(3600)
    const token = await sign(signer, good({ exp }))
    try {
      for (const [now, expected] of [
        // From the database, by its digest, by its text.
        [exp * 1000 - 3, { [home]: ['read:sandboxes'] }],
        [exp * 1000 - 2, { [home]: ['read:sandboxes'] }],
        [exp * 1000 - 1, { [home]: ['read:sandboxes'] }],
        [exp * 1000, 'expired'],
      ] as const) {
        wallClock = now
        assert.deepEqual(await asked(token), expected)
      }
    } finally {
      wallClock = undefined
    }
  })

  it('refuses one whose grant has expired, with any claims', async () => {
    const ended = await here.grant(owner, app, { organizationIds: [home], expiresAt: new Date(Date.now() - 1) })
    assert.equal(await asked(await sign(signer, good({ gid: ended }))), 'expired')
  })

  it('refuses one whose grant was revoked', async () => {
    const revokedGrant = await here.grant(owner, app, { organizationIds: [home] })
    await here.sql`UPDATE grants SET revoked_at = now() WHERE id = ${revokedGrant}`
    assert.equal(await asked(await sign(signer, good({ gid: revokedGrant }))), 'grant-revoked')
  })

  it('refuses one of a disabled user', async () => {
    const person = await here.user({ isDisabled: true })
    const theirs = await here.grant(person, app)
    assert.equal(await asked(await sign(signer, good({ sub: person, gid: theirs }))), 'user-disabled')
  })

  it('refuses one whose client is gone', async () => {
    const gone = await here.client()
    const theirs = await here.grant(owner, gone, { organizationIds: [home] })
    const token = await sign(signer, good({ client_id: gone, gid: theirs }))
    assert.notEqual(await asked(token), 'unknown')
    await here.sql`DELETE FROM oidc_clients WHERE id = ${gone}`
    await waitFor(async () => (await asked(token)) === 'unknown')
  })

  it('looks up a token without a client once a second, and counts it for its address', async (t) => {
    let statements = 0
    let clock = 0
    const onStatement = () => {
      statements += 1
      return () => {}
    }
    const database = connect(here.url, { max: 2, onStatement })
    t.after(() => database.$client.end({ timeout: 0 }))
    const options = { database, monotonicNow: () => clock, unknownPerMinute: 3, lookUpsPerSecond: 1 }
    const { verifier } = await verifierOn(t, here.url, options)
    const gone = await here.client()
    const theirs = await here.grant(owner, gone, { organizationIds: [home] })
    const tokenOfGone = () => sign(signer, good({ client_id: gone, gid: theirs, jti: newId('evt') }))
    const token = await tokenOfGone()
    await here.sql`DELETE FROM oidc_clients WHERE id = ${gone}`

    const before = statements
    for (let count = 0; count < 300; count++) {
      assert.equal(gist(await verifier.verify(token, ADDRESS)), 'unknown')
    }
    assert.equal(statements - before, 1)
    clock += 1001
    assert.equal(gist(await verifier.verify(token, ADDRESS)), 'unknown')
    assert.equal(statements - before, 2)

    const others = await Promise.all(Array.from({ length: 10 }, tokenOfGone))
    const answers = []
    for (const other of others) answers.push(gist(await verifier.verify(other, ADDRESS)))
    assert.deepEqual(answers.slice(0, 2), ['unknown', 'unknown'])
    assert.deepEqual(answers.slice(2), Array(8).fill('rate-limited'))
  })
})

describe('what a third-party token may do', () => {
  const token = (scope: string, gid = grantId) => sign(signer, good({ scope, gid }))

  it('is nothing without permission scopes', async () => {
    assert.deepEqual(await asked(await token('openid email profile')), { [home]: [] })
    assert.deepEqual(await asked(await token('')), { [home]: [] })
  })

  it('is nothing that the grant does not have, with any claims', async () => {
    assert.deepEqual(await asked(await token('read:sandboxes read:volumes admin:organization')), {
      [home]: ['read:sandboxes'],
    })
  })

  it('is nothing that the user does not hold', async () => {
    const person = await here.user()
    await here.member(home, person, 'member', [await here.role(home, ['read:sandboxes'])])
    const theirs = await here.grant(person, app, { scopes: ['admin:organization'], organizationIds: [home] })
    assert.deepEqual(await asked(await sign(signer, good({ sub: person, gid: theirs, scope: 'admin:organization' }))), {
      [home]: ['read:sandboxes'],
    })
  })

  it('is nothing in an organization that was not chosen', async () => {
    assert.deepEqual(Object.keys((await asked(await token('read:sandboxes'))) as object), [home])
  })

  it('is nothing in a chosen organization that the user has left, or never was in', async () => {
    const foreign = await here.organization(await here.user())
    const wide = await here.grant(owner, app, { scopes: ['read:sandboxes'], organizationIds: [home, foreign] })
    assert.deepEqual(await asked(await token('read:sandboxes', wide)), { [home]: ['read:sandboxes'] })
  })

  it('is nothing at all where no organization was chosen', async () => {
    for (const organizationIds of [null, []]) {
      const none = await here.grant(owner, app, { scopes: ['read:sandboxes'], organizationIds })
      assert.deepEqual(await asked(await token('read:sandboxes', none)), {})
    }
  })

  it('has the scopes that both token and grant have', async () => {
    const answer = await verify(await token('openid email profile read:sandboxes'))
    assert.ok(answer.kind === 'token')
    assert.deepEqual([...answer.scopes], ['openid', 'email', 'read:sandboxes'])
    assert.equal(answer.firstParty, false)
  })
})

describe('what a first-party token may do', () => {
  it('is what the user may, in all organizations, with any scopes', async () => {
    const theirs = await here.grant(owner, dashboard, { scopes: [], organizationIds: null })
    const answer = await verify(await sign(signer, claimsOf({ userId: owner, clientId: dashboard, grantId: theirs })))
    assert.ok(answer.kind === 'token')
    assert.deepEqual(
      [...answer.access.values()].map(({ organizationId, permissions }) => [organizationId, permissions]).sort(),
      [
        [home, 511],
        [other, 511],
      ].sort(),
    )
    assert.equal(answer.firstParty, true)
    assert.deepEqual([...answer.scopes], ['openid'])
  })

  it('is not what the token says of itself: the client’s row decides', async () => {
    const token = await sign(signer, good({ first_party: true, firstParty: true, scope: 'openid' }))
    const answer = await verify(token)
    assert.ok(answer.kind === 'token')
    assert.equal(answer.firstParty, false)
  })
})

describe('the keys that tokens are verified with', () => {
  it('are followed: a new one works at once, a removed one no longer', async () => {
    const next = await here.signer('ES256')
    const token = await sign(next, good())
    await here.publish(next)
    await process.caughtUp()
    await waitFor(async () => typeof (await asked(token)) === 'object')
    await here.sql`DELETE FROM signing_keys WHERE kid = ${next.kid}`
    await waitFor(async () => isDenied(await verify(token)))
  })

  it('exclude one of an unused algorithm, and work for the others', async () => {
    const odd = await here.signer('EdDSA')
    await here.publish(odd)
    await process.caughtUp()
    assert.ok(isDenied(await verify(await sign(odd, good()))))
    assert.equal(typeof (await asked(await sign(signer, good()))), 'object')
  })

  it('are read at a bounded rate when tokens name an unknown one', async (t) => {
    const clock = { now: 1_000_000 }
    const { verifier } = await verifierOn(t, here.url, { monotonicNow: () => clock.now })
    const late = await here.signer('ES256')
    const token = await sign(late, good())
    assert.equal(gist(await verifier.verify(token, ADDRESS)), 'unknown-signing-key')
    // Without a notification, as after its loss.
    await here.sql.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`
      await tx`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk)
        VALUES (${late.kid}, ${late.alg}, 'active', ${JSON.stringify(late.publicJwk)}, 'unused')`
    })
    assert.equal(gist(await verifier.verify(token, ADDRESS)), 'unknown-signing-key')
    clock.now += 5000
    assert.deepEqual(gist(await verifier.verify(token, ADDRESS)), { [home]: ['read:sandboxes'] })
  })

  it('may be missing when a process starts', async (t) => {
    const empty = await world(t)
    const { verifier } = await verifierOn(t, empty.url)
    assert.equal(verifier.isReady(), true)
    assert.equal(gist(await verifier.verify(await sign(signer, good()), ADDRESS)), 'unknown-signing-key')
  })
})
