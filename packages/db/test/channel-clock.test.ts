import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { openChannel, waitUntilFresh } from '../src/core/channel.ts'
import { checkClock } from '../src/core/server-state.ts'

const HOUR_MS = 3_600_000

describe('a channel on a machine whose clock jumps', () => {
  it('is stale at once if the wall clock jumps ahead, as after a suspension, and reports the jump once', async (t) => {
    const { url } = await testDatabase(t)
    let aheadMs = 0
    const jumps: number[] = []
    const channel = openChannel({
      url,
      heartbeatMs: 50,
      wallNow: () => Date.now() + aheadMs,
      onClockJump: (ms) => jumps.push(ms),
    })
    t.after(() => channel.close())
    await waitUntilFresh(channel)
    // A heartbeat may be received before the response to its statement, which has the database's clock.
    await waitFor(() => Math.abs(channel.clockSkewMs()) < 60_000)
    checkClock(channel)

    aheadMs = HOUR_MS
    assert.equal(channel.isFresh(), false, 'what was cached before is not trusted')
    await waitUntilFresh(channel)
    await waitFor(() => channel.clockSkewMs() > HOUR_MS / 2)
    assert.throws(() => checkClock(channel), /ahead of the database/)
    assert.equal(jumps.length, 1)
    assert.ok(Math.abs((jumps[0] ?? 0) - HOUR_MS) < 60_000)

    aheadMs = 0
    await waitFor(() => Math.abs(channel.clockSkewMs()) < 60_000)
    checkClock(channel)
    assert.equal(jumps.length, 2)
  })

  it('reads the usage of the NOTIFY queue', async (t) => {
    const { url } = await testDatabase(t)
    const channel = openChannel({ url, heartbeatMs: 50 })
    t.after(() => channel.close())
    assert.ok(Number.isNaN(channel.queueUsage()))
    await waitUntilFresh(channel)
    await waitFor(() => channel.queueUsage() >= 0 && channel.queueUsage() < 0.5)
  })
})
