import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import postgres from 'postgres'
import * as z from 'zod'
import { defaultErrorCode, type ErrorCode } from '../src/http/error-codes.ts'
import {
  badRequest,
  conflict,
  Denial,
  deny,
  ErrorBody,
  errors,
  forbidden,
  notFound,
  type Server,
  tooManyRequests,
  unauthorized,
  unavailable,
  unprocessable,
} from '../src/index.ts'
import { listening, rawRequest } from './listening.ts'

const coded = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: internal words`), { code, ...more })
const Thing = z.object({ name: z.string(), tags: z.array(z.int()).optional() })
const JSON_BODY = { 'content-type': 'application/json' }

/** Every way in which a route can fail, each under its own path. */
const THROWN: Record<string, () => unknown> = {
  unexpected: () => new Error('internal words'),
  'not-an-error': () => 'internal words',
  nothing: () => undefined,
  unauthorized: () => unauthorized('it expired'),
  forbidden: () => forbidden('write:sandboxes missing'),
  suspended: () =>
    forbidden('suspended', { code: 'organization_suspended', error: 'Organization is suspended: unpaid' }),
  missing: () => notFound('API key'),
  conflict: () => conflict('api_key_name_taken', 'An API key of that name exists'),
  bad: () => badRequest('expiresAt must be in the future', [{ path: 'expiresAt', message: 'is past' }]),
  unprocessable: () => unprocessable('search_too_slow', 'It cannot be left'),
  limited: () => tooManyRequests('60 a minute', 12.3),
  unavailable: () => unavailable('stream is stale', 3),
  'client-error': () => Object.assign(new Error('Said by a plugin'), { statusCode: 418 }),
  'plugin-401': () => Object.assign(new Error('No'), { statusCode: 401 }),
  'server-error': () => Object.assign(new Error('internal words'), { statusCode: 501 }),
  'bad-gateway': () => Object.assign(new Error('internal words'), { statusCode: 502 }),
  'no-database': () => new Error('Failed query: internal words', { cause: coded('ECONNREFUSED') }),
  'database-starts': () => coded('57P03'),
  'nul-character': () => new Error('Failed query', { cause: coded('22021') }),
  'foreign-key-violation': () => coded('23503', { detail: 'Key (organization_id)=(internal words)' }),
  'unique-violation': () => coded('23505', { detail: 'Key (email)=(internal words)' }),
}

function routes(app: Server): void {
  for (const [name, make] of Object.entries(THROWN)) {
    app.get(`/throw/${name}`, { schema: { response: { 200: Thing, ...errors(401, 500) } } }, async () => {
      throw make()
    })
    app.get(`/send/${name}`, (_request, reply) => {
      reply.send(make() as never) // `reply.send` accepts any value at run time
    })
  }
  app.get('/refuse', (_request, reply) => {
    deny(reply, unauthorized('it expired', { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }))
  })
  app.get('/hook', { onRequest: async (_request, reply) => deny(reply, forbidden('no')) }, () => {
    throw new Error('reached the handler')
  })
  app.post('/things', { schema: { body: Thing, response: { 200: Thing } } }, (request) => request.body)
  app.post('/strict', { schema: { body: z.strictObject({ name: z.string() }) } }, (request) => request.body)
  app.get(
    '/things/:id',
    {
      schema: {
        params: z.object({ id: z.string().max(5) }),
        querystring: z.object({ page: z.coerce.number().int().optional() }),
      },
    },
    () => ({}),
  )
  app.get('/unfit', { schema: { response: { 200: Thing } } }, (_request, reply) => {
    reply.send({ wrong: 'internal words' } as never) // as a bug of ours would
  })
  app.get('/broken-stream', (_request, reply) => {
    const stream = new Readable({ read: () => stream.destroy(new Error('internal words')) })
    reply.header('content-type', 'text/plain').send(stream)
  })
  app.get('/hangs', { handlerTimeout: 20 }, () => new Promise(() => {}))
  app.get('/half-dressed', (_request, reply) => {
    reply.code(201).header('content-type', 'text/html').header('content-length', '7')
    throw notFound('Sandbox')
  })
}

interface Case {
  name: string
  request: [path: string, init?: RequestInit]
  status: number
  error: string
  /** The first code of the status by default. */
  code?: ErrorCode
  details?: { path: string; message: string }[]
  headers?: Record<string, string | null>
}

const post = (body: string, headers: Record<string, string> = JSON_BODY): RequestInit => ({
  method: 'POST',
  body,
  headers,
})
const INTERNAL_ERROR = 'Something went wrong on our side'

const thrown: [
  keyof typeof THROWN,
  status: number,
  error: string,
  headers?: Record<string, string | null>,
  code?: ErrorCode,
][] = [
  ['unexpected', 500, INTERNAL_ERROR],
  ['unauthorized', 401, 'Invalid or expired API key', { 'www-authenticate': 'Bearer' }],
  ['plugin-401', 401, 'No', { 'www-authenticate': 'Bearer' }],
  [
    'forbidden',
    403,
    'Insufficient permissions',
    {
      'www-authenticate': 'Bearer error="insufficient_scope", error_description="write:sandboxes missing"',
    },
  ],
  [
    'suspended',
    403,
    'Organization is suspended: unpaid',
    { 'www-authenticate': 'Bearer error_description="suspended"' },
    'organization_suspended',
  ],
  ['missing', 404, 'API key not found', {}, 'api_key_not_found'],
  ['conflict', 409, 'An API key of that name exists', {}, 'api_key_name_taken'],
  ['unprocessable', 422, 'It cannot be left'],
  ['limited', 429, 'Rate limit exceeded', { 'retry-after': '13' }],
  ['client-error', 418, 'Said by a plugin'],
  ['server-error', 500, INTERNAL_ERROR],
  ['unavailable', 503, 'Service unavailable', { 'retry-after': '3' }],
  ['bad-gateway', 503, 'Service unavailable', { 'retry-after': '1' }],
  ['no-database', 503, 'Service unavailable', { 'retry-after': '1' }],
  ['database-starts', 503, 'Service unavailable', { 'retry-after': '1' }],
  ['nul-character', 400, 'Request has a value that cannot be stored, such as a NUL character'],
  ['foreign-key-violation', 409, 'Something that this request refers to changed in the meantime'],
  ['unique-violation', 500, INTERNAL_ERROR],
]

const cases: Case[] = [
  ...thrown.flatMap(([name, status, error, headers = {}, code]) =>
    ['throw', 'send'].map((how) => ({
      name: `${how} ${name}`,
      request: [`/${how}/${name}`] as [string],
      status,
      error,
      headers,
      ...(code && { code }),
    })),
  ),
  { name: 'a thrown string', request: ['/throw/not-an-error'], status: 500, error: INTERNAL_ERROR },
  { name: 'a thrown nothing', request: ['/throw/nothing'], status: 500, error: INTERNAL_ERROR },
  {
    name: 'a denial with details',
    request: ['/throw/bad'],
    status: 400,
    error: 'expiresAt must be in the future',
    details: [{ path: 'expiresAt', message: 'is past' }],
  },
  {
    name: 'a denial that is sent',
    request: ['/refuse'],
    status: 401,
    error: 'Invalid or expired API key',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  },
  { name: 'a denial in a hook', request: ['/hook'], status: 403, error: 'Insufficient permissions' },
  { name: 'an unknown route', request: ['/nothing?token=x'], status: 404, error: 'Route not found' },
  {
    name: 'a method that the path does not have',
    request: ['/things/1', { method: 'PATCH' }],
    status: 405,
    error: 'Method is not allowed here',
  },
  {
    name: 'a method that Fastify does not know',
    request: ['/things/1', { method: 'PROPFIND' }],
    status: 405,
    error: 'Method is not allowed here',
  },
  {
    name: 'a failure after headers of a success were set',
    request: ['/half-dressed'],
    status: 404,
    error: 'Sandbox not found',
    code: 'sandbox_not_found',
  },
  { name: 'a response that does not fit its schema', request: ['/unfit'], status: 500, error: INTERNAL_ERROR },
  {
    name: 'a stream that fails before its first byte',
    request: ['/broken-stream'],
    status: 500,
    error: INTERNAL_ERROR,
  },
  {
    name: 'a handler that is not done by its deadline',
    request: ['/hangs'],
    status: 503,
    error: 'Service unavailable',
    headers: { 'retry-after': '1' },
  },
  { name: 'a malformed URL', request: ['/things/%zz'], status: 400, error: 'URL is not validly percent-encoded' },
  { name: 'a malformed URL of no route', request: ['/%'], status: 400, error: 'URL is not validly percent-encoded' },
  {
    name: 'a segment beyond all names',
    request: [`/things/${'a'.repeat(2000)}`],
    status: 414,
    error: 'URL has a segment that is too long',
  },
  {
    name: 'a parameter that does not fit',
    request: ['/things/123456'],
    status: 400,
    error: 'id: must be at most 5 characters',
    details: [{ path: 'id', message: 'must be at most 5 characters' }],
  },
  {
    name: 'a query that does not fit',
    request: ['/things/1?page=x'],
    status: 400,
    error: 'page: must be a whole number',
    details: [{ path: 'page', message: 'must be a whole number' }],
  },
  {
    name: 'a body with several faults',
    request: ['/things', post('{"tags":[1,"x"]}')],
    status: 400,
    error: 'name: is required; tags.1: must be a whole number',
    details: [
      { path: 'name', message: 'is required' },
      { path: 'tags.1', message: 'must be a whole number' },
    ],
  },
  ...['null', '[]', '7', '"x"', 'true'].map((body) => ({
    name: `a body that is ${body}`,
    request: ['/things', post(body)] as [string, RequestInit],
    status: 400,
    error: 'body: must be an object',
    details: [{ path: 'body', message: 'must be an object' }],
  })),
  {
    name: 'no body at all',
    request: ['/things', { method: 'POST' }],
    status: 400,
    error: 'body: must be an object',
    details: [{ path: 'body', message: 'must be an object' }],
  },
  {
    name: 'an unknown member where none is allowed',
    request: ['/strict', post('{"name":"a","extra":1}')],
    status: 400,
    error: 'body: unknown member',
    details: [{ path: 'body', message: 'unknown member' }],
  },
  { name: 'malformed JSON', request: ['/things', post('{"name":')], status: 400, error: 'Body is not valid JSON' },
  {
    name: '__proto__ in JSON',
    request: ['/things', post('{"name":"a","__proto__":{"x":1}}')],
    status: 400,
    error: 'Body is not valid JSON',
  },
  {
    name: 'constructor.prototype in JSON',
    request: ['/things', post('{"name":"a","constructor":{"prototype":{}}}')],
    status: 400,
    error: 'Body is not valid JSON',
  },
  {
    name: 'an empty JSON body where one is needed',
    request: ['/things', post('')],
    status: 400,
    error: 'body: must be an object',
    details: [{ path: 'body', message: 'must be an object' }],
  },
  {
    name: 'an unsupported media type',
    request: ['/things', post('<a/>', { 'content-type': 'text/xml' })],
    status: 415,
    error: 'Content-Type is missing or not supported: use application/json',
  },
  {
    name: 'a media type that is none',
    request: ['/things', post('{}', { 'content-type': 'json' })],
    status: 415,
    error: 'Content-Type is missing or not supported: use application/json',
  },
  {
    name: 'a body larger than 1 MiB',
    request: ['/things', post(JSON.stringify({ name: 'a'.repeat(1024 * 1024) }))],
    status: 413,
    error: 'Body is too large',
  },
]

describe('the error body', () => {
  it('is the same for every error on a route', async (t) => {
    const { origin } = await listening(t, routes)
    for (const { name, request, status, error, code, details, headers = {} } of cases) {
      await t.test(name, async () => {
        const response = await fetch(`${origin}${request[0]}`, request[1])
        const message = { 414: 'URI Too Long', 418: "I'm a Teapot" }[status] ?? response.statusText
        assert.deepEqual(await response.json(), {
          statusCode: status,
          message,
          error,
          ...(details && { details }),
        })
        assert.equal(response.status, status)
        assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
        assert.match(response.headers.get('x-request-id') ?? '', /^req_/)
        assert.equal(response.headers.get('x-error-code'), code ?? defaultErrorCode(status))
        for (const [header, value] of Object.entries(headers)) assert.equal(response.headers.get(header), value, header)
      })
    }
  })

  it('is the same for input that never becomes a request', async (t) => {
    const patient = await listening(t, routes)
    // Not for complete requests, which a loaded machine reads later than this.
    const hurried = await listening(t, routes, { requestTimeoutMs: 200 })
    const table: [name: string, bytes: string, status: number, phrase: string, error: string][] = [
      ['bytes that are no HTTP', 'hello\r\n\r\n', 400, 'Bad Request', 'Malformed HTTP request'],
      [
        'an invalid header',
        'GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n',
        400,
        'Bad Request',
        'Malformed HTTP request',
      ],
      [
        'two lengths',
        'POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
        'Bad Request',
        'Malformed HTTP request',
      ],
      [
        'headers that overflow',
        `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
        431,
        'Request Header Fields Too Large',
        'Request headers are too large',
      ],
      [
        'headers that do not end',
        'GET / HTTP/1.1\r\nHost: x\r\n',
        408,
        'Request Timeout',
        'Request took too long to arrive',
      ],
      [
        'a body that does not end',
        'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        408,
        'Request Timeout',
        'Request took too long to arrive',
      ],
      [
        'a request without Host',
        'GET /refuse HTTP/1.1\r\nConnection: close\r\n\r\n',
        400,
        'Bad Request',
        'Host header is missing',
      ],
      [
        'an expectation that is not 100-continue',
        'GET /refuse HTTP/1.1\r\nHost: x\r\nExpect: cake\r\n\r\n',
        417,
        'Expectation Failed',
        'Expect is not supported, except for 100-continue',
      ],
      [
        'a malformed URL',
        'GET /%c0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        400,
        'Bad Request',
        'URL is not validly percent-encoded',
      ],
    ]
    for (const [name, bytes, status, message, error] of table) {
      await t.test(name, async () => {
        const { port, lines } = status === 408 ? hurried : patient
        const answer = await rawRequest(port, bytes)
        assert.deepEqual(JSON.parse(answer.body), { statusCode: status, message, error })
        assert.equal(answer.status, status)
        assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
        assert.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.body))
        const id = answer.headers['x-request-id']
        assert.match(id ?? '', /^req_/)
        assert.equal(answer.headers['x-error-code'], defaultErrorCode(status))
        if (!name.startsWith('an expectation'))
          assert.ok(
            lines().some((line) => line['requestId'] === id),
            'it is logged',
          )
      })
    }
  })

  it('is not written into a response that has begun', async (t) => {
    const { port } = await listening(t, (app) => {
      app.get('/slow', (_request, reply) => {
        const stream = new Readable({ read() {} })
        reply.header('content-type', 'text/plain').send(stream)
        stream.push('begun')
      })
    })
    const request = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'
    const answer = await rawRequest(port, request, { after: 'begun', bytes: 'nonsense\r\n\r\n' })
    assert.equal(answer.status, 200)
    assert.equal(answer.body, '5\r\nbegun\r\n')
  })

  it('needs no Host in HTTP/1.0, which health checks still use', async (t) => {
    const { port } = await listening(t, (app) => {
      app.get('/ok', () => ({ ok: true }))
    })
    assert.equal((await rawRequest(port, 'GET /ok HTTP/1.0\r\n\r\n')).status, 200)
  })

  it('lists at most 20 problems', async (t) => {
    const { origin } = await listening(t, routes)
    const body = JSON.stringify({ name: 'a', tags: Array.from({ length: 10_000 }, () => 'x') })
    const response = await fetch(`${origin}/things`, post(body))
    assert.equal(ErrorBody.parse(await response.json()).details?.length, 20)
  })

  it('conforms to its schema', () => {
    const denial = new Denial(400, 'x', { details: [{ path: 'a', message: 'b' }], cause: 'why' })
    assert.deepEqual(ErrorBody.parse(denial.body), denial.body)
    assert.deepEqual(JSON.parse(denial.payload), denial.body)
    assert.deepEqual(Object.keys(new Denial(404, 'x').body), ['statusCode', 'message', 'error'])
  })

  it('has the same headers for HEAD as for GET, without a body', async (t) => {
    const { origin } = await listening(t, routes)
    const response = await fetch(`${origin}/throw/unauthorized`, { method: 'HEAD' })
    assert.equal(response.status, 401)
    assert.equal(response.headers.get('www-authenticate'), 'Bearer')
    assert.equal(await response.text(), '')
  })
})

describe('an unreachable database', () => {
  it('is a 503 with Retry-After for the errors that its driver throws', async (t) => {
    // A port that no system assigns.
    const refused = postgres('postgres://me:pw@127.0.0.1:1/db', { max: 1 })
    const ended = postgres('postgres://me:pw@127.0.0.1:1/db', { max: 1 })
    await ended.end()
    t.after(() => refused.end({ timeout: 0 }))

    const { origin } = await listening(t, (app) => {
      app.get('/refused', async () => await refused`select 1`)
      app.get('/ended', async () => await ended`select 1`)
    })
    for (const path of ['/refused', '/ended']) {
      const response = await fetch(`${origin}${path}`, { signal: AbortSignal.timeout(30_000) })
      assert.equal(response.headers.get('retry-after'), '1')
      assert.deepEqual(await response.json(), {
        statusCode: 503,
        message: 'Service Unavailable',
        error: 'Service unavailable',
      })
    }
  })
})
