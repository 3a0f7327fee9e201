import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLogger, openRedis } from '@daytona-auth/service'
import { captureLog, freePort, redisMissing, redisServer, type Scope, tcpProxy, waitFor } from '@daytona-auth/testing'
import { Registry } from 'prom-client'
import { type Count, rateLimiter } from '../src/limits/rate-limiter.ts'
import { sharedLimits } from '../src/limits/shared-limits.ts'

const MINUTE_MS = 60_000
const LIMIT = 10

/** The limits of one process, in the minute after `clock.now`. */
function limited(scope: Scope, url: string, { perMinute = LIMIT } = {}) {
  const clock = { now: 7 * MINUTE_MS }
  const now = () => clock.now
  const log = captureLog()
  const registry = new Registry()
  const redis = openRedis({ url, logger: createLogger({ service: 'test', stream: log.stream }), registry })
  const limits = sharedLimits({ redis, now })
  const counts = new Map<string, Count>()
  const publish = limits.onCountOf('test')
  const onCount = (count: Count) => {
    counts.set(count.id, count)
    publish(count)
  }
  const limiter = rateLimiter({ limit: perMinute, onCount })
  const take = (id: string) => limiter.take(id, now())
  const close = async () => {
    await limits.close()
    await redis.close()
  }
  scope.after(close)
  const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value
  return {
    clock,
    log,
    take,
    close,
    /** Takes `count` requests and returns how many were admitted. */
    admit: (count: number, id = 'a') =>
      Array.from({ length: count }, () => take(id)).filter((left) => left >= 0).length,
    /** Resolves when this process knows that the others have taken so many. Takes none: how long it waits does not matter. */
    learns: (others: number, id = 'a') => waitFor(() => counts.get(id)?.others === others),
    isConnected: () => metric('shared_limits_connected'),
    errors: async () => (await metric('shared_limits_errors_total')) ?? 0,
    warnings: () => log.lines().filter(({ level }) => level === 'warn'),
    isUp: () => waitFor(() => redis.isUp()),
    isDown: () => waitFor(() => !redis.isUp()),
  }
}

const keyOf = (id: string, minute = 8) => `daytona-auth:limit:test:${minute * MINUTE_MS}:${id}`

describe('limits over Redis', { skip: redisMissing() }, () => {
  it('are one count for several processes, minute by minute', async (t) => {
    const server = await redisServer(t)
    const here = limited(t, server.url)
    const there = limited(t, server.url)
    await Promise.all([here.isUp(), there.isUp()])
    const stored = (id: string, minute?: number) => server.ask(`HVALS ${keyOf(id, minute)}`)

    assert.equal(here.admit(4), 4)
    assert.equal(here.admit(1, 'b'), 1)
    await waitFor(async () => (await stored('a')) === '*1\r\n$1\r\n4')
    assert.equal(there.take('a'), LIMIT - 1)
    await there.learns(4)
    assert.match(await stored('a'), /^\*2/)
    assert.equal(there.admit(LIMIT), LIMIT - 4 - 1)
    await waitFor(async () => (await stored('a')).endsWith('6'))
    // This process learns of that with its next exchange.
    assert.equal(here.take('a'), LIMIT - 5)
    await here.learns(6)
    assert.ok(here.take('a') < 0)
    assert.equal(here.take('b'), LIMIT - 2)

    here.clock.now += MINUTE_MS
    there.clock.now += MINUTE_MS
    assert.deepEqual([here.take('a'), there.take('a')], [LIMIT - 1, LIMIT - 1])
    await waitFor(async () => (await stored('a', 9)).startsWith('*2'))
    assert.match(await server.ask(`PTTL ${keyOf('a', 9)}`), /^:1(?:[01]\d{4}|20000)$/)
    assert.deepEqual([await here.isConnected(), await here.errors(), here.warnings()], [1, 0, []])
  })

  it('are published in batches, and once more on a graceful stop', async (t) => {
    const server = await redisServer(t)
    const here = limited(t, server.url)
    const there = limited(t, server.url)
    await Promise.all([here.isUp(), there.isUp()])
    for (let id = 0; id < 1234; id += 1) here.admit(3, String(id))
    await here.close()
    for (const id of ['0', '500', '1233']) there.take(id)
    for (const id of ['0', '500', '1233']) await there.learns(3, id)
    const connected = async () => (await server.ask('CLIENT LIST')).split('name=daytona-auth ').length - 1
    await waitFor(async () => (await connected()) === 1)
  })

  it('continue from the last known totals while Redis is unavailable, and are shared again when it is back', async (t) => {
    const server = await redisServer(t)
    const here = limited(t, server.url)
    const there = limited(t, server.url)
    await Promise.all([here.isUp(), there.isUp()])
    here.admit(4)
    await waitFor(async () => (await server.ask(`EXISTS ${keyOf('a')}`)) === ':1')
    there.admit(1)
    await there.learns(4)

    await server.terminate()
    await Promise.all([here.isDown(), there.isDown()])
    assert.equal(await here.isConnected(), 0)
    assert.ok(here.admit(1) === 1 && here.take('b') === LIMIT - 1 && there.admit(1) === 1)
    await waitFor(async () => (await here.errors()) > 2)
    assert.equal(here.warnings().length, 1)

    await server.start()
    await Promise.all([here.isUp(), there.isUp()])
    // The lost data of Redis is written again.
    await waitFor(async () => (await server.ask(`HLEN ${keyOf('a')}`)) === ':2')
    there.admit(LIMIT)
    await waitFor(() => here.take('a') < 0)
    assert.equal(there.admit(1), 0)
    assert.equal(await here.isConnected(), 1)
    assert.equal(here.warnings().length, 1)
  })

  it('do not wait for a Redis that does not answer', async (t) => {
    const server = await redisServer(t)
    const here = limited(t, server.url)
    await here.isUp()
    server.pause()
    assert.equal(here.admit(2), 2)
    await here.isDown()
    assert.equal(here.admit(2), 2)
    assert.equal(here.warnings().length, 1)
    server.resume()
    await here.isUp()
    await waitFor(async () => (await server.ask(`HVALS ${keyOf('a')}`)).endsWith('4'))
  })

  it('are not shared while Redis is unavailable at the start, and shared once it is available', async (t) => {
    const server = await redisServer(t)
    await server.terminate()
    const here = limited(t, server.url)
    await waitFor(async () => (await here.errors()) > 1)
    assert.equal(here.admit(LIMIT + 1), LIMIT)
    assert.equal(here.warnings().length, 1)
    await server.start()
    await here.isUp()
  })

  it('leave other keys unchanged', async (t) => {
    const server = await redisServer(t)
    await server.ask(`SET ${keyOf('a')} text`)
    await server.ask(`HSET ${keyOf('b')} x inf`)
    await server.ask(`HSET ${keyOf('c')} x text`)
    const here = limited(t, server.url)
    await here.isUp()
    for (const id of ['a', 'b', 'c', 'd']) assert.equal(here.admit(1, id), 1)
    await waitFor(async () => (await here.errors()) === 2)
    for (const id of ['a', 'b', 'c', 'd']) assert.equal(here.admit(LIMIT, id), LIMIT - 1)
    await waitFor(async () => (await here.errors()) === 4)
    assert.equal(await server.ask(`GET ${keyOf('a')}`), '$4\r\ntext')
    assert.equal(await here.isConnected(), 1)
    assert.equal(here.warnings().length, 1)
  })

  for (const [what, user, says] of [
    ['a wrong password', ':wrong-secret', 'WRONGPASS'],
    ['no password', '', 'NOAUTH'],
    ['a user without rights', 'reader:reader-secret', 'NOPERM'],
  ] as const) {
    it(`are not shared with a Redis that refuses ${what}, and no secret is logged`, async (t) => {
      const server = await redisServer(t, [
        '--requirepass',
        'right-secret',
        '--user',
        'reader',
        'on',
        '>reader-secret',
        '~*',
        '+@read',
        '+info',
      ])
      const here = limited(t, server.url.replace('://', `://${user && `${user}@`}`))
      await waitFor(async () => (await here.errors()) > 2)
      assert.equal(here.admit(LIMIT + 1), LIMIT)
      assert.equal(await here.isConnected(), 0)
      assert.equal(here.warnings().length, 1)
      assert.match(JSON.stringify(here.warnings()), new RegExp(says))
      assert.doesNotMatch(here.log.text(), /-secret/)
    })
  }

  it('need only the rights to their own keys', async (t) => {
    const rights = ['~daytona-auth:*', '+info', '+eval', '+set', '+hset', '+hvals', '+pexpire']
    const server = await redisServer(t, ['--user', 'ours', 'on', '>s p:c/t', ...rights])
    const here = limited(t, server.url.replace('://', `://ours:${encodeURIComponent('s p:c/t')}@`))
    await here.isUp()
    here.admit(1)
    await waitFor(async () => (await server.ask(`HVALS ${keyOf('a')}`)).endsWith('1'))
    assert.deepEqual(here.warnings(), [])
  })

  it('survive an unstable network', async (t) => {
    const server = await redisServer(t)
    const proxy = await tcpProxy(t, server.url)
    const here = limited(t, proxy.url, { perMinute: 1000 })
    for (const fail of [proxy.cut, proxy.refuse]) {
      await here.isUp()
      fail()
      await here.isDown()
      here.admit(10)
      proxy.pass()
    }
    await here.isUp()
    await waitFor(async () => (await server.ask(`HVALS ${keyOf('a')}`)).endsWith('20'))
    assert.equal(here.warnings().length, 2)
  })
})

it('an endpoint that is not Redis is harmless', async (t) => {
  const here = limited(t, `redis://127.0.0.1:${await freePort()}`)
  await waitFor(async () => (await here.errors()) > 0)
  assert.equal(here.admit(LIMIT + 1), LIMIT)
})
