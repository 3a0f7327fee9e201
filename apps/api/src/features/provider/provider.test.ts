import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, describe, it } from 'node:test'
import { errorBody, world } from '../../../test/world.ts'

/** A server in the provider's place. It records requests and answers with `answer`. */
let answer: (request: IncomingMessage, response: ServerResponse) => void
const upstream = createServer((request, response) => answer(request, response))
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')
after(() => upstream.closeAllConnections())
after(() => upstream.close())
const { port } = upstream.address() as AddressInfo
const PROVIDER_URL = `http://127.0.0.1:${port}`
const { request, api, log } = await world({ after }, { PROVIDER_URL })
const behindProxy = await world({ after }, { PROVIDER_URL, TRUSTED_PROXIES: '127.0.0.1' })

interface Reached {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
let reached: Reached[] = []

beforeEach(() => {
  reached = []
  answer = async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const { method, url, headers } = incoming
    reached.push({ method, url, headers, body })
    response.setHeader('content-type', 'text/plain')
    response.end('from the provider')
  }
})

/** Sends a request with `node:http`: `fetch` allows neither a custom Host nor a path with dots. */
async function raw(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string, to = api) {
  const outgoing = httpRequest({ port: to.port, path, method, headers })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, text }
}

describe('a request to the provider', () => {
  const paths = [
    '/oauth/authorize?client_id=x&state=%zz',
    '/oauth/token',
    '/oauth/',
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/.well-known/jwks.json',
    '/oauth/a%2Fb/c?d=%2F&d=+',
  ]
  for (const path of paths) {
    it(`is forwarded unchanged: ${path}`, async () => {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const { status } = await raw(path, {}, method)
        assert.equal(status, 200)
        assert.deepEqual([reached.at(-1)?.method, reached.at(-1)?.url], [method, path])
      }
    })
  }

  it('is never a request to the API’s own paths', async () => {
    for (const path of [
      '/oauth-apps',
      '/oauth',
      '/oauthx',
      '/.well-known/oauth-protected-resource',
      '/.well-known/x',
    ]) {
      await raw(path)
    }
    assert.deepEqual(reached, [])
  })

  it('is refused with segments of dots, which a URL parser would resolve', async () => {
    for (const path of ['/oauth/../api-keys', '/oauth/%2e%2e/x', '/oauth/..%2fx', '/oauth/a/./b', '/oauth/..%5cx']) {
      const { status, text } = await raw(path)
      assert.deepEqual(
        [status, JSON.parse(text)],
        [400, { error: 'invalid_request', error_description: 'URL must not have a segment of dots' }],
      )
    }
    assert.deepEqual(reached, [])
  })

  it('has only the API’s forwarding headers', async () => {
    await raw('/oauth/token', {
      host: 'api.example.test:8443',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-port': '1',
      'x-forwarded-prefix': '/evil',
      'x-real-ip': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      'x-request-id': 'forged',
      cookie: 'a=1; b=2',
      authorization: 'Basic YTpi',
    })
    const { connection, ...forwarded } = reached[0]?.headers ?? {}
    assert.match(String(forwarded['x-request-id']), /^req_/)
    assert.deepEqual(forwarded, {
      host: 'api.example.test:8443',
      cookie: 'a=1; b=2',
      authorization: 'Basic YTpi',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.example.test:8443',
      'x-request-id': forwarded['x-request-id'],
    })
  })

  it('has the client address and host of a trusted proxy', async () => {
    const headers = {
      host: 'internal:3000',
      'x-forwarded-for': '6.6.6.6, 203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.test',
    }
    await raw('/oauth/token', headers, 'GET', undefined, behindProxy.api)
    assert.partialDeepStrictEqual(reached[0]?.headers, {
      host: 'api.example.test',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.test',
    })
  })

  it('has the trace headers of a trusted proxy only', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const headers = { traceparent, tracestate: 'a=1', baggage: 'user=ada' }
    await raw('/oauth/token', headers)
    await raw('/oauth/token', headers, 'GET', undefined, behindProxy.api)
    await raw('/oauth/token', { ...headers, traceparent: 'forged' }, 'GET', undefined, behindProxy.api)
    assert.deepEqual(
      reached.map((request) => ['traceparent', 'tracestate', 'baggage'].map((name) => request.headers[name])),
      [
        [undefined, undefined, undefined],
        [traceparent, 'a=1', undefined],
        [undefined, undefined, undefined],
      ],
    )
  })

  it('has its body byte for byte, with any type and framing', async () => {
    const bodies: [string, string | undefined][] = [
      ['grant_type=authorization_code&code=a%20b', 'application/x-www-form-urlencoded'],
      ['{"a" : 1 }', 'application/json'],
      ['{not json', 'application/json'],
      ['<xml/>', 'application/xml'],
      ['plain', undefined],
    ]
    for (const [body, type] of bodies) {
      for (const framing of [{ 'transfer-encoding': 'chunked' }, { 'content-length': String(body.length) }]) {
        await raw('/oauth/token', { ...framing, ...(type && { 'content-type': type }) }, 'POST', body)
        const last = reached.at(-1)
        assert.equal(last?.body, body)
        assert.equal(last.headers['content-type'], type ?? 'application/octet-stream')
        assert.equal(last.headers['content-length'], String(body.length))
        assert.equal(last.headers['transfer-encoding'], undefined)
      }
    }
  })

  it('is not forwarded if its body is too large', async () => {
    const { status } = await request('POST', '/oauth/token', null, {
      body: 'x'.repeat(1024 * 1024 + 1),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    assert.equal(status, 413)
    assert.deepEqual(reached, [])
  })
})

describe('a response of the provider', () => {
  it('arrives unchanged: status, every cookie, redirects, and only the request id added', async () => {
    answer = (_request, response) => {
      response.writeHead(303, [
        'location',
        'https://app.example.test/cb?code=1',
        'set-cookie',
        'a=1; HttpOnly',
        'set-cookie',
        'b=2',

        'access-control-allow-origin',
        'https://one.example.test',
        'cache-control',
        'no-store',
      ])
      response.end('moved')
    }
    const { status, headers, text } = await raw('/oauth/authorize', { origin: 'https://one.example.test' })
    assert.deepEqual([status, text], [303, 'moved'])
    assert.deepEqual(headers['set-cookie'], ['a=1; HttpOnly', 'b=2'])
    assert.equal(headers.location, 'https://app.example.test/cb?code=1')
    assert.equal(headers['access-control-allow-origin'], 'https://one.example.test')
    assert.equal(headers['access-control-expose-headers'], undefined)
    assert.match(String(headers['x-request-id']), /^req_/)
  })

  it('is passed on when it is a 503, without a retry', async () => {
    let requests = 0
    answer = (_request, response) => {
      requests += 1
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' }).end('{"error":"busy"}')
    }
    const { status, text } = await raw('/oauth/token')
    assert.deepEqual([status, text, requests], [503, '{"error":"busy"}', 1])
  })

  it('is streamed', async () => {
    const { promise: received, resolve } = Promise.withResolvers<void>()
    answer = async (_request, response) => {
      response.write('first')
      await received
      response.end(' second')
    }
    const response = await fetch(`${api.url}/oauth/stream`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    assert.equal((await reader?.read())?.value, 'first')
    resolve()
    assert.equal((await reader?.read())?.value, ' second')
  })

  it('is a 503 with Retry-After if the provider is down or disconnects', async () => {
    const unavailable = {
      '/oauth/token': { error: 'temporarily_unavailable', error_description: 'Service unavailable' },
      '/.well-known/jwks.json': errorBody(503, 'Service Unavailable', 'Service unavailable'),
    }
    answer = (incoming) => incoming.socket.destroy()
    for (const [path, body] of Object.entries(unavailable)) {
      const broken = await request('GET', path)
      assert.deepEqual([broken.status, broken.body], [503, body])
      assert.equal(broken.headers.get('retry-after'), '1')
    }
  })

  it('leaves no query in the log, since it contains codes', async () => {
    await raw('/oauth/authorize?code=top-secret')
    assert.ok(!log.text().includes('top-secret'))
  })
})
