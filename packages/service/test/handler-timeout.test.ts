import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { limitHandlerTime } from '../src/index.ts'
import { listening } from './listening.ts'

const TIMEOUT_MS = 50

/** Starts a server whose handlers never answer on `/hangs`. */
async function hangingServer(
  t: TestContext,
  check: () => Promise<unknown> = async () => {},
  defaultMs = TIMEOUT_MS,
): Promise<string> {
  const { origin } = await listening(t, (app) => {
    limitHandlerTime(app, { defaultMs, check })
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      app.route({ method, url: '/hangs', handler: () => new Promise(() => {}) })
    }
    app.get('/hangs-for-long', { handlerTimeout: 60_000 }, () => new Promise(() => {}))
    app.post('/answers', (request) => ({ body: request.body }))
    app.post('/slow', { handlerTimeout: 60_000 }, () => delay(3 * TIMEOUT_MS, { slow: true }))
  })
  return origin
}

const withBody = (method: string): RequestInit => ({
  method,
  body: '{"name":"x"}',
  headers: { 'content-type': 'application/json' },
})

describe('a handler that does not answer', () => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    it(`is answered 503 after its timeout: ${method} without a body`, async (t) => {
      const response = await fetch(`${await hangingServer(t)}/hangs`, { method })
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1'])
    })
  }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    it(`is answered 503 after its timeout: ${method} whose body has been read`, async (t) => {
      const response = await fetch(`${await hangingServer(t)}/hangs`, withBody(method))
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1'])
      assert.deepEqual(((await response.json()) as { error: string }).error, 'Service unavailable')
    })
  }

  it('is answered 503 before a longer timeout of its route when a check fails or hangs', async (t) => {
    for (const check of [() => Promise.reject(new Error('no database')), () => new Promise(() => {})]) {
      const response = await fetch(`${await hangingServer(t, check)}/hangs-for-long`)
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1'])
    }
  })

  for (const [method, outcome] of [
    ['GET', 'answers'],
    ['POST', 'answers'],
    ['GET', 'fails'],
    ['POST', 'fails'],
  ] as const) {
    it(`is answered once if it ${outcome} after its timeout: ${method}`, async (t) => {
      const late = Promise.withResolvers<unknown>()
      const { origin, lines } = await listening(t, (app) => {
        limitHandlerTime(app, { defaultMs: TIMEOUT_MS })
        app.route({ method, url: '/', handler: () => late.promise })
      })
      const response = await fetch(origin, method === 'POST' ? withBody(method) : { method })
      assert.equal(response.status, 503)
      const before = lines().length
      if (outcome === 'answers') late.resolve({ late: true })
      else late.reject(new Error('too late'))
      await delay(10)
      const messages = lines()
        .slice(before)
        .map(({ level, msg }) => [level, msg])
      assert.deepEqual(messages, outcome === 'answers' ? [] : [['warn', 'the handler failed after its timeout']])
    })
  }

  it('does not end one that answers in time, or whose route allows more', async (t) => {
    // More than a loaded machine needs for the answer.
    const patient = await hangingServer(t, async () => {}, 60_000)
    assert.deepEqual(await (await fetch(`${patient}/answers`, withBody('POST'))).json(), { body: { name: 'x' } })
    const url = await hangingServer(t)
    assert.deepEqual(await (await fetch(`${url}/slow`, withBody('POST'))).json(), { slow: true })
  })
})
