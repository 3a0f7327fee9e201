import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLogger, openRedis } from '@daytona-auth/service'
import { redisMissing, redisServer, type Scope, tcpProxy, waitFor } from '@daytona-auth/testing'

/** Less than ioredis gives a connection by default, which is 10 s. */
const RECOVERY_MS = 8000
const logger = createLogger({ service: 'test', stream: { write: () => true } })

describe('a Redis behind a network that acknowledges and answers nothing', { skip: redisMissing() }, () => {
  /** A client, behind a proxy in front of a Redis. */
  async function opened(t: Scope, { scheme = 'redis', isStalled = false } = {}) {
    const server = await redisServer(t)
    const proxy = await tcpProxy(t, server.url)
    if (isStalled) proxy.stall()
    const redis = openRedis({ url: proxy.url.replace('redis:', `${scheme}:`), logger })
    t.after(() => redis.close())
    const run = () => redis.run('return 1', [], [])
    return { proxy, redis, run }
  }

  it('is closed after a second, commands end before, and a new connection replaces it', async (t) => {
    const { proxy, redis, run } = await opened(t)
    await waitFor(() => redis.isUp())
    assert.equal(await run(), 1)
    const connections = proxy.connections()
    proxy.silence()
    const since = performance.now()
    assert.deepEqual([...new Set(await Promise.all([run(), run(), run()]))], [undefined])
    // The limit is a second. A command that Redis may never have seen does not hold a request for longer than a few.
    assert.ok(performance.now() - since < 5000)
    await waitFor(() => redis.isUp(), RECOVERY_MS)
    assert.equal(await run(), 1)
    assert.ok(proxy.connections() > connections)
  })

  for (const scheme of ['redis', 'rediss']) {
    it(`is left when it is silent from the start, over ${scheme}: another connection is tried`, async (t) => {
      const { proxy, redis, run } = await opened(t, { scheme, isStalled: true })
      await waitFor(() => proxy.connections() === 1)
      assert.equal(await run(), undefined)
      await waitFor(() => proxy.connections() > 1, RECOVERY_MS)
      proxy.silence()
      proxy.pass()
      // Redis itself has no TLS here: that the handshake was given up is what counts.
      if (scheme === 'redis') await waitFor(() => redis.isUp(), RECOVERY_MS)
    })
  }
})
