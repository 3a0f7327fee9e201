import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ROUTES } from '../src/provider/endpoint-paths.ts'
import { visitor } from './browser/visitor.ts'
import { testProvider } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer, database } = provider
const app = await provider.client(await provider.person())
const FORM = 'application/x-www-form-urlencoded'

/** An existing path for each route with a parameter. */
const visit = visitor(issuer)
const page = `/oauth/interaction/${'x'.repeat(21)}`

/** Every route that accepts a body. */
const PATHS: readonly string[] = [
  ROUTES.token,
  ROUTES.revocation,
  ROUTES.introspection,
  ROUTES.device_authorization,
  ROUTES.pushed_authorization_request,
  ROUTES.userinfo,
  ROUTES.authorization,
  ROUTES.end_session,
  `${ROUTES.end_session}/confirm`,
  ROUTES.code_verification,
  `${page}/sign-in`,
  `${page}/sign-up`,
  `${page}/consent`,
  `${page}/cancel`,
  '/oauth/invitation',
  '/oauth/invitation/take-over',
  '/oauth/verify-email',
  '/oauth/verify-email/take-over',
  '/oauth/recovery',
  '/oauth/recovery/password',
  '/oauth/recovery/password/take-over',
  '/oauth/recovery/keys',
  '/oauth/account',
  '/oauth/account/password',
]

const basic = `Basic ${Buffer.from(`${app.clientId}:${app.secret}`).toString('base64')}`

async function send(path: string, body: Uint8Array | string, headers: Record<string, string> = {}, query = '') {
  const isOfClient = [ROUTES.token, ROUTES.revocation, ROUTES.introspection].some((one) => one === path)
  const response = await fetch(`${issuer}${path}${query}`, {
    method: 'POST',
    redirect: 'manual',
    body,
    headers: { 'content-type': FORM, origin: issuer, ...(isOfClient && { authorization: basic }), ...headers },
  })
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') }
}

const BODIES: Record<string, Uint8Array | string> = {
  'bytes that are not UTF-8': Buffer.from([...Buffer.from('token=x&user_code='), 0xff, 0xfe]),
  'a truncated character': Buffer.from([...Buffer.from('token=x&name='), 0xc3]),
  'percent-encoded bytes that are not UTF-8': 'token=x&name=%ff%fe',
  'a percent sign without digits': 'token=x&name=%zz',
  'a name that is not UTF-8': 'token=x&%ff=1',
  'more fields than any form of the provider': 'a=1&'.repeat(1001),
}

describe(`a body for the provider (${PATHS.length} routes)`, () => {
  it('is accepted by every POST route of the pages', async () => {
    for (const path of PATHS) assert.notEqual((await send(path, 'a=b')).status, 405, path)
    const get = await visit.get(ROUTES.token)
    assert.equal(get.status, 405)
  })

  for (const [what, body] of Object.entries(BODIES)) {
    it(`results in 400 with ${what}`, async () => {
      for (const path of PATHS) {
        const { status, text } = await send(path, body)
        assert.equal(status, 400, `${path} ${text}`)
        assert.match(text, /UTF-8|could not accept this form/, path)
      }
    })
  }

  it('results in 400 with a query that is not UTF-8', async () => {
    for (const path of PATHS) assert.equal((await send(path, 'a=b', {}, '?name=%ff')).status, 400, path)
  })

  it('results in 415 in another encoding, character set or type', async () => {
    const others: Record<string, string>[] = [
      { 'content-encoding': 'gzip' },
      { 'content-encoding': 'br' },
      { 'content-type': `${FORM}; charset=iso-8859-1` },
      { 'content-type': 'application/json' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'x' },
    ]
    for (const path of PATHS) {
      for (const headers of others) {
        const { status, text } = await send(path, '{"a":"b"}', headers)
        assert.equal(status, 415, `${path} ${JSON.stringify(headers)} ${text}`)
      }
    }
  })

  it('is read with non-ASCII characters, and with a charset name in any case', async () => {
    for (const path of PATHS) {
      const { status, text } = await send(path, 'token=x&name=%C3%A9', { 'content-type': `${FORM}; charset=UTF-8` })
      assert.notEqual(status, 415, path)
      assert.doesNotMatch(text, /UTF-8/, path)
    }
    const rows = await database.$client`SELECT FROM oidc_artifacts WHERE payload::text LIKE ${'%\ufffd%'}`
    assert.equal(rows.length, 0)
  })
})
