import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { DISCOVERY, ROUTES } from '../src/provider/endpoint-paths.ts'
import { post, testProvider } from './fixture.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const { host, port } = new URL(issuer)
const person = await provider.person()
const app = await provider.client(person)

const PAGES = [
  '/oauth/interaction/x',
  '/oauth/interaction/x/sign-in',
  '/oauth/interaction/x/cancel',
  '/oauth/interaction/x/consent',
  `${ROUTES.authorization}/x`,
  `${ROUTES.code_verification}/x`,
  `${ROUTES.end_session}/success`,
  `${ROUTES.end_session}/confirm`,
]
const ENDPOINTS = Object.values(ROUTES)
const PATHS = [...ENDPOINTS, ...DISCOVERY, ...PAGES]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']

interface Wire {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })
after(() => agent.destroy())

/** Sends a request target unchanged. */
async function send(
  method: string,
  target: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Wire> {
  const { promise, resolve, reject } = Promise.withResolvers<Wire>()
  const outgoing = request({ host: '127.0.0.1', port, method, path: target, agent, headers: { host, ...headers } })
  outgoing.on('error', reject)
  outgoing.on('response', (answer) => {
    text(answer).then(
      (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
      reject,
    )
  })
  outgoing.end(body)
  return promise
}

/** Returns the parts of an answer without its ids and tokens, which differ. */
const shapeOf = ({ status, headers }: Wire) => [status, headers['content-type'], headers['allow']]

function isProtocolError({ headers, body }: Wire, what: string): void {
  assert.match(String(headers['content-type']), /^application\/json/, what)
  const answer = JSON.parse(body) as Record<string, unknown>
  assert.equal(typeof answer['error'], 'string', what)
  assert.equal(typeof answer['error_description'], 'string', what)
  assert.equal(answer['statusCode'], undefined, what)
  assert.match(String(headers['cache-control']), /no-store/, what)
}

describe('a path in another spelling', () => {
  const encoded = (path: string) => path.replace('/oauth/', '/%6Fauth/').replace('/.well', '/%2Ewell')
  const variants: Record<string, (path: string) => string> = {
    'with a slash at its end': (path) => `${path}/`,
    'with a doubled slash': (path) => path.replace('/', '//'),
    'with a doubled slash within': (path) => path.replace(/(.)\//, '$1//'),
    'in capitals': (path) => path.toUpperCase(),
    'percent-encoded': encoded,
    'percent-encoded in its last letter': (path) =>
      `${path.slice(0, -1)}%${path.charCodeAt(path.length - 1).toString(16)}`,
    'with an encoded slash': (path) => path.replace(/(.)\//, '$1%2F'),
  }
  for (const [what, vary] of Object.entries(variants)) {
    it(`${what} matches the same route or none (${PATHS.length} paths)`, async () => {
      for (const path of PATHS) {
        for (const method of ['GET', 'POST']) {
          const query = path === ROUTES.code_verification ? '?user_code=BCDF-GHJK' : ''
          const headers = { accept: 'text/html' }
          const canonical = await send(method, path + query, { headers })
          const other = await send(method, vary(path) + query, { headers })
          if (other.status !== 404) assert.deepEqual(shapeOf(other), shapeOf(canonical), `${method} ${vary(path)}`)
        }
      }
    })
  }

  it('cannot bypass the confirmation of a device code', async () => {
    const { status } = await send('GET', '/oauth/device/?user_code=BCDF-GHJK', { headers: { accept: 'text/html' } })
    assert.equal(status, 404)
    const { body } = await send('GET', '/oauth/devic%65?user_code=BCDF-GHJK', { headers: { accept: 'text/html' } })
    assert.match(body, /value="BCDF-GHJK"/)
  })
})

describe('a request target', () => {
  const targets: Record<string, (path: string) => string> = {
    'absolute, with the issuer’s authority': (path) => `${issuer}${path}`,
    'absolute, with another authority': (path) => `http://other.example${path}`,
    'absolute, with userinfo': (path) => `http://user@${host}${path}`,
    'absolute, of another scheme': (path) => `ftp://${host}${path}`,
    'without a leading slash': (path) => path.slice(1),
    'with a bad escape': (path) => `${path}%zz`,
    'with a NUL': (path) => `${path}%00`,
    'with dots': (path) => `${path}/../../x`,
    asterisk: () => '*',
  }
  for (const [what, make] of Object.entries(targets)) {
    it(`causes no server error: ${what} (${PATHS.length} paths, ${METHODS.length} methods)`, async () => {
      for (const path of PATHS) {
        for (const method of METHODS) {
          // Node's parser refuses it before it has read the method, so even HEAD is answered with a body.
          if (method === 'HEAD' && what === 'without a leading slash') continue
          const { status } = await send(method, make(path))
          assert.ok(status >= 200 && status < 500, `${method} ${make(path)}: ${status}`)
        }
      }
    })
  }

  it('in absolute form is equal to its path if the authority is the issuer’s, and results in 421 otherwise', async () => {
    const ours = await send('GET', `${issuer}/.well-known/openid-configuration`, { headers: { host: 'other.example' } })
    assert.equal(ours.status, 200)
    assert.equal((JSON.parse(ours.body) as { issuer: string }).issuer, issuer)
    assert.equal((await send('GET', 'http://other.example/.well-known/openid-configuration')).status, 421)
    assert.equal((await send('GET', `http://user@${host}/.well-known/openid-configuration`)).status, 400)
  })
})

describe('a denial of /oauth', () => {
  const MACHINES = [
    ROUTES.token,
    ROUTES.revocation,
    ROUTES.introspection,
    ROUTES.device_authorization,
    ROUTES.pushed_authorization_request,
  ]
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
  const denials: Record<string, (path: string) => Promise<Wire>> = {
    'an empty Content-Type': (path) => send('POST', path, { headers: { 'content-type': '' }, body: 'a=b' }),
    'an odd Content-Type': (path) => send('POST', path, { headers: { 'content-type': 'x' }, body: 'a=b' }),
    'no Content-Type': (path) => send('POST', path, { body: 'a=b' }),
    JSON: (path) => send('POST', path, { headers: { 'content-type': 'application/json' }, body: '{' }),
    'no body': (path) => send('POST', path),
    'a wrong method': (path) => send('PUT', path),
    'an uncommon method': (path) => send('PROPFIND', path),
    'a percent-encoded path': (path) => send('POST', path.replace('/oauth/', '/oaut%68/'), { headers: FORM, body: '' }),
    'a bad escape': (path) => send('POST', `${path}/%zz`),
    'an unknown path': (path) => send('POST', `${path}/more`),
    'a body that is too large': (path) => send('POST', path, { headers: FORM, body: `a=${'x'.repeat(2_000_000)}` }),
    'another Host': (path) => send('POST', path, { headers: { ...FORM, host: 'other.example' }, body: 'a=b' }),
  }
  for (const [what, ask] of Object.entries(denials)) {
    it(`is an error of RFC 6749: ${what} (${MACHINES.length} endpoints)`, async () => {
      for (const path of MACHINES) {
        const answer = await ask(path)
        assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`)
        isProtocolError(answer, path)
      }
    })
  }

  it(`is 405 with Allow for a wrong method (${PATHS.length} paths)`, async () => {
    for (const path of PATHS) {
      for (const method of ['PUT', 'DELETE', 'PROPFIND']) {
        const answer = await send(method, path)
        assert.equal(answer.status, 405, `${method} ${path}`)
        assert.match(String(answer.headers['allow']), /GET|POST/)
        isProtocolError(answer, path)
      }
    }
  })

  it('is a page for browser routes if the request accepts HTML rather than JSON', async () => {
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    for (const target of [ROUTES.authorization, ROUTES.end_session, '/oauth/nowhere', '/oauth/%zz']) {
      const answer = await send(target.includes('nowhere') || target.includes('%') ? 'GET' : 'DELETE', target, {
        headers: html,
      })
      assert.ok(answer.status >= 400 && answer.status < 500)
      assert.match(String(answer.headers['content-type']), /^text\/html/, target)
      assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/)
      // A mistyped address is no fault of an app.
      assert.equal(answer.body.includes('This page does not exist.'), answer.status === 404, target)
      assert.equal(answer.body.includes('The app that sent you here'), answer.status !== 404, target)
    }
    isProtocolError(await send('DELETE', ROUTES.token, { headers: html }), 'token')
  })
})

describe('discovery', () => {
  it('names only existing endpoints, and how to authenticate at each', async () => {
    const { body } = await send('GET', '/.well-known/openid-configuration')
    const document = JSON.parse(body) as Record<string, unknown>
    for (const [name, value] of Object.entries(document)) {
      if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue
      const path = new URL(String(value)).pathname
      const statuses = [(await send('GET', path)).status, (await send('POST', path)).status]
      assert.ok(!statuses.includes(404), name)
    }
    assert.deepEqual(document['revocation_endpoint_auth_methods_supported'], [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ])
    assert.deepEqual(document['introspection_endpoint_auth_methods_supported'], [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ])
    assert.equal((await post(provider, '/oauth/revoke', app, { token: 'x' })).status, 200)
  })
})
