import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import * as z from 'zod'
import { Denial, deny, type Server, unauthorized } from '../src/index.ts'
import { listening, rawRequest } from './listening.ts'

const KEY = `${KEY_PREFIX}yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp116pNST`
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'
const PASSWORD = 'correct-horse-battery'
const SECRETS = [KEY, JWT, PASSWORD]

/** Errors of libraries with a secret in every possible place. */
const FAULTS: Record<string, (secret: string) => unknown> = {
  message: (secret) => new Error(`could not verify password=${secret}`),
  cause: (secret) => new Error('outer', { cause: new Error('middle', { cause: new Error(`token=${secret}`) }) }),
  'cause-object': (secret) => new Error('outer', { cause: { authorization: secret, deep: { password: secret } } }),
  'cause-text': (secret) => new Error('outer', { cause: `{"client_secret":"${secret}"}` }),
  members: (secret) =>
    Object.assign(new Error('x'), {
      config: { headers: { authorization: secret } },
      parameters: [secret],
      query: secret,
    }),
  packet: (secret) => Object.assign(new Error('Parse Error'), { rawPacket: Buffer.from(secret), code: 'HPE_INVALID' }),
  statement: (secret) =>
    new Error(`Failed query: insert into t values ($1)\nparams: ${secret}`, {
      cause: Object.assign(new Error('duplicate key'), { code: '23505', detail: `Key (x)=(${secret})`, where: secret }),
    }),
  aggregate: (secret) => new AggregateError([new Error(`secret=${secret}`)], 'several'),
  denial: (secret) => new Denial(401, 'No', { cause: new Error(`Bearer ${secret}`) }),
  unavailable: (secret) => Object.assign(new Error(`postgres://me:${secret}@db/x refused`), { code: 'ECONNREFUSED' }),
  name: (secret) => Object.assign(new Error('x'), { name: `token=${secret}` }),
}

function routes(app: Server): void {
  for (const [name, fault] of Object.entries(FAULTS)) {
    app.post(`/fault/${name}`, { schema: { body: z.object({ secret: z.string() }) } }, async (request) => {
      throw fault(request.body.secret)
    })
  }
  app.post('/refuse', { schema: { body: z.object({ secret: z.string() }) } }, (request, reply) => {
    deny(reply, unauthorized(`Bearer ${request.body.secret} is unknown`))
  })
  app.post('/logged', (request) => {
    const { headers, body } = request
    request.log.info({ headers, body, req: request }, `got password=${(body as { password: string }).password}`)
    request.log.child({ token: headers.authorization }).warn(new Error(`failed for ${headers.authorization}`))
    return {}
  })
  app.post('/strict', { schema: { body: z.strictObject({}) } }, () => ({}))
  app.get('/things/:id', { schema: { params: z.object({ id: z.string().max(9) }) } }, () => ({}))
  app.get('/ok/:id', () => ({}))
}

const json = (body: unknown, secret: string): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, cookie: `session=${secret}` },
})

describe('no secret is logged', () => {
  for (const secret of SECRETS) {
    it(`for any error of a request with ${secret.slice(0, 4)}…`, async (t) => {
      const { origin, port, log, lines } = await listening(t, routes)
      const requests: [path: string, init?: RequestInit][] = [
        ...Object.keys(FAULTS).map((name): [string, RequestInit] => [`/fault/${name}`, json({ secret }, secret)]),
        ['/refuse', json({ secret }, secret)],
        ['/logged', json({ password: secret, clientSecret: secret, nested: { code: secret, value: secret } }, secret)],
        ['/strict', json({ [`token=${secret}`]: 1 }, secret)],
        ['/strict', { ...json({}, secret), body: `{"password":"${secret}"` }],
        [`/ok/1?code=${secret}&access_token=${secret}&state=${secret}`],
        [`/unknown?token=${secret}`],
        [`/%zz?token=${secret}`],
        ['/ok/1', { headers: { authorization: `Bearer ${secret}`, 'x-api-key': secret } }],
      ]
      for (const [path, init] of requests) await (await fetch(`${origin}${path}`, init)).text()
      await rawRequest(port, `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nA B: c\r\n\r\n`)
      await rawRequest(
        port,
        `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}${'a'.repeat(20_000)}\r\n\r\n`,
      )
      await rawRequest(port, `POST /ok?token=${secret} HTTP/1.1\r\nHost: x\r\nExpect: ${secret}\r\n\r\n`)

      assert.ok(lines().length > requests.length, 'every request left a line, and every line is JSON')
      assert.equal(log().includes(secret), false)
      // A part that is long enough to use or look up.
      assert.equal(log().includes(secret.slice(6, 40)), false)
    })
  }

  it('in a path, where a key does not belong', async (t) => {
    const { origin, log } = await listening(t, routes)
    for (const path of [`/ok/${KEY}`, `/things/${KEY}`, `/none/${KEY}`, `/ok/${JWT}`, `/%zz/${KEY}`])
      await fetch(`${origin}${path}`)
    for (const secret of [KEY, JWT]) assert.equal(log().includes(secret), false)
  })
})

describe('no secret is sent to the caller', () => {
  it('for an unexpected error', async (t) => {
    const { origin } = await listening(t, routes)
    for (const name of Object.keys(FAULTS)) {
      const response = await fetch(`${origin}/fault/${name}`, json({ secret: PASSWORD }, PASSWORD))
      const text = JSON.stringify([...response.headers]) + (await response.text())
      assert.equal(text.includes(PASSWORD), false, name)
      assert.ok(response.status >= 400, name)
    }
  })
})
