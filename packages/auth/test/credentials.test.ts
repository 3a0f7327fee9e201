import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '../src/credential/api-key.ts'
import { FORM_FAULTS } from '../src/credential/form-faults.ts'
import { ASKED, badRequest, bearer, guardedServer, INVALID, NO_KEY, NO_TOKEN } from './guarded-server.ts'

const { admin, app, get, here, home, log, owner, raw, reader, revoked, server } = await guardedServer({ after })

describe('a request without a valid credential', () => {
  const expired = here.key(owner, home, { expiresAt: new Date(Date.now() - 1000) })
  const KEY_REFUSED = 'The API key is well-formed, but unknown, expired or revoked'
  const TOKEN_REFUSED = 'The access token was not issued by this server, or is revoked'
  const CASES: Record<
    string,
    [() => Promise<Record<string, string>> | Record<string, string>, object, string, string]
  > = {
    'no header': [() => ({}), NO_KEY, ASKED, FORM_FAULTS.noHeader],
    'an empty header': [() => ({ authorization: '' }), NO_KEY, ASKED, FORM_FAULTS.nothing],
    'another scheme': [() => ({ authorization: 'Basic dXNlcjpwYXNz' }), NO_KEY, ASKED, FORM_FAULTS.notBearer],
    'a key without a scheme': [() => ({ authorization: admin.key }), NO_KEY, ASKED, FORM_FAULTS.noScheme],
    'a scheme that begins like ours': [
      () => ({ authorization: `BearerX ${admin.key}` }),
      NO_KEY,
      ASKED,
      FORM_FAULTS.notBearer,
    ],
    'our scheme and nothing': [() => ({ authorization: 'Bearer' }), NO_KEY, ASKED, FORM_FAULTS.nothing],
    'our scheme and spaces': [() => ({ authorization: 'Bearer   ' }), NO_KEY, ASKED, FORM_FAULTS.nothing],
    'a word': [() => bearer('hunter2'), NO_KEY, INVALID, FORM_FAULTS.otherKind],
    'a malformed key': [() => bearer(`${admin.key}x`), NO_KEY, INVALID, FORM_FAULTS.keyTooLong],
    'a key and a comma': [() => bearer(`${admin.key},`), NO_KEY, INVALID, FORM_FAULTS.notAlone],
    'a key and a parameter': [() => bearer(`${admin.key}; x=y`), NO_KEY, INVALID, FORM_FAULTS.notAlone],
    'two keys': [() => bearer(`${admin.key} ${reader.key}`), NO_KEY, INVALID, FORM_FAULTS.notAlone],
    'two keys as Node joins them': [
      () => bearer(`${admin.key}, Bearer ${reader.key}`),
      NO_KEY,
      INVALID,
      FORM_FAULTS.notAlone,
    ],
    'a tab instead of a space': [
      () => ({ authorization: `Bearer\t${admin.key}` }),
      NO_KEY,
      ASKED,
      FORM_FAULTS.noScheme,
    ],
    'a quoted key': [() => bearer(`"${admin.key}"`), NO_KEY, INVALID, FORM_FAULTS.quoted],
    'an unknown key': [() => bearer(mintKey().key), NO_KEY, INVALID, KEY_REFUSED],
    'an expired key': [async () => bearer((await expired).key), NO_KEY, INVALID, KEY_REFUSED],
    'a revoked key': [() => bearer(revoked.key), NO_KEY, INVALID, KEY_REFUSED],
    'something like a token': [() => bearer('a.b.c'), NO_TOKEN, INVALID, FORM_FAULTS.tokenDamaged],
    'a forged token': [() => bearer(`${app.slice(0, -4)}AAAA`), NO_TOKEN, INVALID, TOKEN_REFUSED],
  }

  for (const [what, [headersOf, body, challenge, description]] of Object.entries(CASES)) {
    it(`but ${what} is refused, on GET, HEAD and POST alike`, async () => {
      const headers = await headersOf()
      for (const [method, url, scope] of [
        ['GET', '/me', undefined],
        ['GET', '/with/read-sandboxes', 'read:sandboxes'],
        ['GET', '/organizations/org_x/apps', 'admin:organization'],
        ['POST', '/me', undefined],
        ['HEAD', '/me', undefined],
      ] as const) {
        const response = await server.inject({ method, url, headers })
        assert.equal(response.statusCode, 401)
        const required = scope === undefined ? '' : `scope="${scope}", `
        const expected = challenge.replace('resource_', `${required}resource_`)
        assert.equal(response.headers['www-authenticate'], `${expected}, error_description="${description}"`)
        assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
        if (method !== 'HEAD') assert.deepEqual(response.json(), body)
        assert.ok(response.headers['x-request-id'])
      }
    })
  }

  it('is refused before its body is read', async () => {
    const response = await server.inject({
      method: 'POST',
      url: '/me',
      headers: { 'content-type': 'application/json' },
      payload: '{"not json',
    })
    assert.deepEqual(response.json(), NO_KEY)
  })

  it('is refused with two Authorization headers, also if they are equal and valid', async () => {
    for (const other of [reader.key, admin.key, mintKey().key]) {
      const lines = [`Authorization: Bearer ${admin.key}`, `authorization: Bearer ${other}`]
      const answer = await raw('GET /me', lines)
      assert.match(answer, /^HTTP\/1\.1 401 [\s\S]*"error":"Invalid or expired API key"/)
      assert.ok(answer.includes(`error_description="${FORM_FAULTS.severalHeaders}"`))
    }
  })

  it('is served on a public route with any credential', async () => {
    for (const headers of [{}, bearer(admin.key), bearer('hunter2'), { authorization: 'Basic x' }]) {
      const response = await get('/public', headers)
      assert.deepEqual([response.statusCode, response.json()], [200, { ok: true }])
    }
  })

  it('fails on a public route that reads its caller', async () => {
    assert.equal((await get('/greedy', bearer(admin.key))).statusCode, 500)
  })

  it('is never logged with its credential', async () => {
    for (const credential of [mintKey().key, revoked.key, app, `${admin.key}x`]) {
      await get('/me', bearer(credential))
      await get(`/me?access_token=${credential}`, bearer(credential))
      assert.ok(!log.text().includes(credential), 'a credential is in the log')
    }
  })
})

describe('a request with a valid credential', () => {
  it('is allowed with any case of the scheme, and with several spaces', async () => {
    for (const authorization of [`Bearer ${admin.key}`, `bearer ${admin.key}`, `BEARER   ${admin.key}`]) {
      const response = await get('/me', { authorization })
      assert.deepEqual([response.statusCode, response.json()], [200, { who: owner }])
    }
  })

  it('is allowed on HEAD of a route that it may GET', async () => {
    assert.equal((await server.inject({ method: 'HEAD', url: '/me', headers: bearer(admin.key) })).statusCode, 200)
  })

  it('is allowed over a socket as well as by injection', async () => {
    assert.match(await raw('GET /me', [`Authorization: Bearer ${admin.key}`]), /^HTTP\/1\.1 200 /)
  })

  it('cannot change its caller in the handler', async () => {
    assert.equal((await get('/usurp', bearer(admin.key))).statusCode, 500)
  })

  it('has no organization on a route without one', async () => {
    assert.equal((await get('/nowhere', bearer(admin.key))).statusCode, 500)
  })

  for (const name of ['access_token', 'api_key']) {
    it(`is refused with ${name} in its query, with any value, and 401 without the header`, async () => {
      const expected = badRequest(`Credentials belong in the Authorization header: remove ${name} from the query`)
      for (const query of [`${name}=x`, `${name}=`, name, `${name}=x&${name}=y`, `a=b&${name}=${admin.key}`]) {
        assert.deepEqual((await get(`/me?${query}`, bearer(admin.key))).json(), expected)
        assert.deepEqual((await get(`/me?${query}`)).json(), NO_KEY)
        assert.deepEqual((await get(`/me?${query}`, bearer('dta_x'))).json(), NO_KEY)
      }
    })

    it(`is refused with ${name} in its body, with any value, and 401 without the header`, async () => {
      const expected = badRequest(`Credentials belong in the Authorization header: remove ${name} from the body`)
      for (const payload of [{ [name]: 'x' }, { [name]: null }, { a: 1, [name]: { b: 2 } }]) {
        const send = (headers: Record<string, string>) =>
          server.inject({ method: 'POST', url: '/me', headers, payload })
        assert.deepEqual((await send(bearer(admin.key))).json(), expected)
        assert.deepEqual((await send({})).json(), NO_KEY)
      }
    })
  }

  it('may have other members of similar names', async () => {
    assert.equal((await get('/me?accesstoken=1&api_keys=2&ACCESS_TOKEN=3', bearer(admin.key))).statusCode, 200)
    for (const payload of [{ apiKey: 1 }, { nested: { access_token: 1 } }, [{ api_key: 1 }], [], 'api_key']) {
      const response = await server.inject({
        method: 'POST',
        url: '/me',
        headers: { ...bearer(admin.key), 'content-type': 'application/json' },
        payload: JSON.stringify(payload),
      })
      assert.equal(response.statusCode, 200, response.body)
    }
  })
})
