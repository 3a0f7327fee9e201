import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import fc from 'fast-check'
import { redactLine, redactText } from './redaction.ts'

const KEY = `${KEY_PREFIX}yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp116pNST`
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'
const SECRET = 'correct-horse-battery'

const clean = (value: object): unknown => JSON.parse(redactLine(`${JSON.stringify(value)}\n`))

describe('redactLine', () => {
  const names = [
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'Set-Cookie',
    'password',
    'newPassword',
    'new_password',
    'token',
    'access_token',
    'accessToken',
    'refresh_token',
    'id_token',
    'id_token_hint',
    'csrf',
    '_csrf',
    'csrfToken',
    'secret',
    'clientSecret',
    'client_secret',
    'SIGNING_KEYS_SECRET',
    'code',
    'code_verifier',
    'user_code',
    'userCode',
    'device_code',
    'client_assertion',
    'value',
    'params',
    'apiKey',
    'api_key',
    'api-key',
    'x-api-key',
    'privateKey',
    'DATABASE_URL',
    'rawPacket',
  ]
  for (const name of names) {
    it(`hides a member named ${name}, at any depth and of any kind`, () => {
      assert.deepEqual(clean({ [name]: SECRET }), { [name]: '[redacted]' })
      assert.deepEqual(clean({ a: [{ b: { [name]: [SECRET, { c: SECRET }] } }] }), {
        a: [{ b: { [name]: '[redacted]' } }],
      })
      assert.deepEqual(clean({ [name]: 123456 }), { [name]: '[redacted]' })
    })
    it(`hides the value of ${name} in text that is a query, a form or JSON`, () => {
      for (const text of [`GET /x?a=1&${name}=${SECRET}&b=2`, JSON.stringify({ a: 1, [name]: SECRET })]) {
        assert.doesNotMatch(redactText(text), new RegExp(SECRET), text)
        assert.doesNotMatch(redactLine(`${JSON.stringify({ msg: text })}\n`), new RegExp(SECRET), text)
      }
    })
  }

  it('hides credentials anywhere in a text', () => {
    const texts = [KEY, JWT, `Bearer ${SECRET}`, `bearer ${SECRET}`, `Basic ${SECRET}`, `postgres://me:${SECRET}@db/x`]
    for (const text of texts) {
      const shown = clean({ msg: `it was "${text}" twice ${text}`, [text]: { deep: [text] } })
      assert.doesNotMatch(JSON.stringify(shown), new RegExp(`${KEY}|${JWT}|${SECRET}`), text)
    }
  })

  it('hides the parameters that drizzle adds to the message of a failed statement', () => {
    const message = `Failed query: insert into "users" values ($1)\nparams: ${SECRET},2`
    assert.equal(redactText(message), 'Failed query: insert into "users" values ($1)\nparams: [redacted]')
    assert.deepEqual(redactText(`${message}\n    at f (x.ts:1)`).split('\n').at(-1), '    at f (x.ts:1)')
  })

  it('keeps the members that a log is needed for', () => {
    const line = {
      level: 'info',
      msg: 'token endpoint answered: code 42',
      statusCode: 401,
      err: { code: 'ECONNREFUSED', cause: { code: 'FST_ERR_BAD_URL' }, other: { code: '22P05' } },
      hint: `${KEY_PREFIX}yhjs********************pNST`,
      keyId: 'key_01',
      path: '/oauth/token',
      isToken: true,
      token: null,
      tokenCount: 3,
    }
    assert.deepEqual(clean(line), line)
  })

  it('distinguishes an authorization code from the code of an error', () => {
    assert.deepEqual(clean({ code: 'kN3hT-_0s9aZ' }), { code: '[redacted]' })
    assert.deepEqual(clean({ code: 'ABCDEFGH' }), { code: '[redacted]' })
    assert.deepEqual(clean({ code: 'EADDRINUSE' }), { code: 'EADDRINUSE' })
  })

  it('redacts a line that is not JSON as text', () => {
    assert.equal(redactLine(`oops ${KEY}\n`), `oops ${KEY_PREFIX}[redacted]\n`)
  })

  it('keeps any line one line with the same content', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const line = redactLine(`{"a":${json}}\n`)
        assert.equal(line.indexOf('\n'), line.length - 1)
        JSON.parse(line)
      }),
    )
  })

  it('removes a key in any context', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const line = JSON.stringify({ msg: `${before}${KEY}${after}`, [`${before}${KEY}`]: after })
        assert.equal(redactLine(line).includes(KEY), false)
      }),
    )
  })
})
