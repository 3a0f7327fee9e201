import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { ORGANIZATION_HEADERS } from '@daytona-auth/protocol/organization-header'
import { errorBody, world } from './world.ts'

const { api, request, person } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const { value: key } = await ada.key(organization, ['admin:organization'])

/** Sends raw bytes, which no HTTP library would send, and returns the complete response. */
async function raw(text: string): Promise<{ head: string; body: unknown }> {
  const socket = connect(api.port, '127.0.0.1')
  socket.end(text)
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk))
  await once(socket, 'close')
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return { head, body: JSON.parse(body) }
}

describe('every denial has the error body, a request id and the JSON content type', () => {
  const post = (body: unknown, headers = {}) => request('POST', '/sandbox', key, { body, headers })
  const origins: Record<
    string,
    [() => Promise<{ status: number; body: unknown; headers: Headers }>, number, string, string]
  > = {
    'an unknown route': [() => request('GET', '/nope'), 404, 'Not Found', 'Route not found'],
    'a method that a path does not have': [
      () => request('PUT', '/sandbox', key),
      405,
      'Method Not Allowed',
      'Method is not allowed here',
    ],
    'malformed JSON': [() => post('{'), 400, 'Bad Request', 'Body is not valid JSON'],
    'a poisoned prototype': [() => post('{"__proto__":{}}'), 400, 'Bad Request', 'Body is not valid JSON'],
    'another media type': [
      () => post('<a/>', { 'content-type': 'application/xml' }),
      415,
      'Unsupported Media Type',
      'Content-Type is missing or not supported: use application/json',
    ],
    'a body that is too large': [
      () => post(JSON.stringify({ snapshot: 'x'.repeat(1024 * 1024) })),
      413,
      'Payload Too Large',
      'Body is too large',
    ],
    'a URL that is not validly encoded': [
      () => request('GET', '/api-keys/%ff', key),
      400,
      'Bad Request',
      'URL is not validly percent-encoded',
    ],
    'a value that no database stores': [
      () => post({ snapshot: 'a\u0000b' }),
      400,
      'Bad Request',
      'Request has a value that cannot be stored, such as a NUL character',
    ],
  }
  for (const [what, [ask, status, message, error]] of Object.entries(origins)) {
    it(`for ${what}`, async () => {
      const answer = await ask()
      assert.deepEqual([answer.status, answer.body], [status, errorBody(status, message, error)])
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
      assert.match(answer.headers.get('x-request-id') ?? '', /^req_/)
    })
  }

  it('but an empty body with a content type counts as absent', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await request('DELETE', '/api-keys/unknown', key, { headers })
    assert.deepEqual(answer.body, errorBody(404, 'Not Found', 'API key not found'))
  })

  it('for malformed HTTP', async () => {
    const { head, body } = await raw('GET / HTTP/9\r\n\r\n')
    assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/)
    assert.match(head, /\r\ncontent-type: application\/json; charset=utf-8/i)
    assert.match(head, /\r\nx-request-id: req_/i)
    assert.deepEqual(body, errorBody(400, 'Bad Request', 'Malformed HTTP request'))
  })

  it('for credentials in a body, without repeating them', async () => {
    for (const name of ['access_token', 'api_key']) {
      const answer = await post({ [name]: 'dta_secret' })
      const text = `Credentials belong in the Authorization header: remove ${name} from the body`
      assert.deepEqual([answer.status, answer.body], [400, errorBody(400, 'Bad Request', text)])
    }
  })

  it('for requests with their own id: an untrusted one is replaced', async () => {
    const answer = await request('GET', '/nope', null, { headers: { 'x-request-id': 'forged' } })
    assert.notEqual(answer.headers.get('x-request-id'), 'forged')
  })
})

describe('cross-origin requests', () => {
  const EXPOSED =
    'X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, WWW-Authenticate, X-Error-Code, Link'

  it('are allowed from any origin, without credentials, including denials', async () => {
    for (const path of ['/users/me', '/config', '/nope']) {
      const { headers } = await request('GET', path, null, { headers: { origin: 'https://evil.test' } })
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.equal(headers.get('access-control-allow-credentials'), null)
      assert.equal(headers.get('access-control-expose-headers'), EXPOSED)
    }
  })

  it('have preflights without a credential', async () => {
    const answer = await request('OPTIONS', '/api/api-keys', null, {
      headers: {
        origin: 'https://app.example.test',
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'authorization,x-daytona-organization-id',
      },
    })
    assert.equal(answer.status, 204)
    assert.equal(
      answer.headers.get('access-control-allow-headers'),
      `Authorization, Content-Type, DPoP, ${ORGANIZATION_HEADERS.join(', ')}, Last-Event-ID, X-Daytona-Source, X-Daytona-SDK-Version, X-Daytona-Pty-Exit-Control, X-Request-Id, traceparent, tracestate, baggage`,
    )
    assert.equal(answer.headers.get('access-control-allow-methods'), 'GET, HEAD, POST, PUT, PATCH, DELETE')
  })
})

describe('the prefix /api', () => {
  it('is removed once', async () => {
    assert.equal((await request('GET', '/api/api-keys/current', key)).status, 200)
    assert.equal((await request('GET', '/api/config')).status, 200)
    for (const path of ['/api/api/config', '/api/health', '/api/oauth/token', '/api/.well-known/jwks.json', '/api']) {
      assert.deepEqual((await request('GET', path)).body, errorBody(404, 'Not Found', 'Route not found'), path)
    }
  })

  it('answers socket.io requests with 404 before any work', async () => {
    for (const path of ['/socket.io/?EIO=4&transport=polling', '/api/socket.io/?EIO=4&transport=websocket']) {
      const headers = { connection: 'Upgrade', upgrade: 'websocket' }
      const { head, body } = await raw(
        `GET ${path} HTTP/1.1\r\nHost: x\r\n${Object.entries(headers)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('')}\r\n`,
      )
      assert.match(head, /^HTTP\/1\.1 404 /)
      assert.deepEqual(body, errorBody(404, 'Not Found', 'Route not found'))
    }
  })
})
