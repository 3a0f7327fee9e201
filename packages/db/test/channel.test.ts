import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { tcpProxy, testDatabase, waitFor } from '@daytona-auth/testing'
import { type Channel, type ChannelEvent, type ChannelOptions, openChannel, waitUntilFresh } from '../src/channel.ts'

/** A channel that beats and doubts ten times as fast, so that the tests need not wait. */
function open(t: TestContext, options: ChannelOptions): { channel: Channel; heard: ChannelEvent[] } {
  const channel = openChannel({ heartbeatMs: 50, staleAfterMs: 800, ...options })
  const heard: ChannelEvent[] = []
  channel.subscribe((event) => heard.push(event))
  t.after(() => channel.close())
  return { channel, heard }
}

describe('the channel', () => {
  it('is not fresh before it has heard itself, and says reset when it has', async (t) => {
    const { url } = await testDatabase(t)
    const { channel, heard } = open(t, { url })
    assert.equal(channel.isFresh(), false)
    assert.equal(channel.heartbeatAgeMs(), Number.POSITIVE_INFINITY)
    await waitUntilFresh(channel)
    assert.deepEqual(heard, [{ kind: 'reset', reason: 'connected' }])
  })

  it('connects when what it waits for is there, and never where that comes to nothing', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const { promise, resolve } = Promise.withResolvers<void>()
    const nothing = Promise.reject(new Error('unsound'))
    const { channel: never } = open(t, { url: proxy.url, after: nothing })
    const { channel } = open(t, { url: proxy.url, after: promise })
    await delay(100)
    assert.equal(proxy.connections(), 0)
    resolve()
    await waitUntilFresh(channel)
    assert.equal(never.isFresh(), false)
  })

  it('hears what another process says, in order, and counts it', async (t) => {
    const { url, database } = await testDatabase(t)
    const { channel, heard } = open(t, { url })
    await waitUntilFresh(channel)
    const position = channel.position()
    for (const id of ['key_1', 'key_2', 'key_3']) await database.$client.notify('daytona_auth', `key:${id}`)
    await waitFor(() => heard.length === 4)
    assert.deepEqual(
      heard.slice(1),
      ['key_1', 'key_2', 'key_3'].map((id) => ({ kind: 'key', id })),
    )
    assert.equal(channel.position(), position + 3)
  })

  it('takes what it does not know for everything', async (t) => {
    const { url, database } = await testDatabase(t)
    const { channel, heard } = open(t, { url })
    await waitUntilFresh(channel)
    await database.$client.notify('daytona_auth', 'invention:1')
    await waitFor(() => heard.length === 2)
    assert.deepEqual(heard[1], { kind: 'reset', reason: 'invention:1' })
  })

  it('does not take the heartbeat of another process for its own', async (t) => {
    const { url, database } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const { channel } = open(t, { url: proxy.url })
    await waitUntilFresh(channel)
    proxy.stall()
    const beats = setInterval(() => database.$client.notify('daytona_auth', 'beat:somebody').catch(() => {}), 20)
    t.after(() => clearInterval(beats))
    await waitFor(() => !channel.isFresh())
  })

  it('empties every cache and is fresh again after its backend was terminated', async (t) => {
    const { url, database } = await testDatabase(t)
    const { channel, heard } = open(t, { url })
    await waitUntilFresh(channel)
    await database.$client`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'listen%'`
    await waitFor(() => heard.length >= 2 && channel.isFresh())
    assert.equal(heard.at(-1)?.kind, 'reset')
    await database.$client.notify('daytona_auth', 'key:after')
    await waitFor(() => heard.some((event) => event.kind === 'key' && event.id === 'after'))
  })

  it('is stale within the bound when its socket stalls, makes a new connection, and resets', async (t) => {
    const { url, database } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const states: string[] = []
    const { channel, heard } = open(t, { url: proxy.url, onState: (state) => states.push(state) })
    await waitUntilFresh(channel)
    proxy.stall()
    const stalledAt = performance.now()
    await database.$client.notify('daytona_auth', 'key:missed')
    await waitFor(() => !channel.isFresh())
    assert.ok(performance.now() - stalledAt < 800 + 400, 'the bound and one scheduling delay')
    assert.deepEqual(heard, [{ kind: 'reset', reason: 'connected' }])

    await waitFor(() => states.includes('lost'))
    proxy.pass()
    await waitUntilFresh(channel)
    assert.deepEqual(heard.slice(1), [{ kind: 'reset', reason: 'connected' }])
  })

  it('counts freshness from when a heartbeat was sent, not from when it arrived late', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    let now = 0
    const { channel } = open(t, { url: proxy.url, now: () => now })
    await waitUntilFresh(channel)
    proxy.stall()
    now += 600 // the heartbeats sent from here on are on their way
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, 120)
    await promise
    now += 600
    assert.equal(channel.isFresh(), false)
    proxy.pass()
    await waitFor(() => channel.heartbeatAgeMs() <= 600)
    assert.ok(channel.heartbeatAgeMs() >= 0)
  })

  it('comes up by itself when the database was down at the start', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    proxy.refuse()
    const states: string[] = []
    const { channel } = open(t, { url: proxy.url, onState: (state) => states.push(state) })
    await waitFor(() => states.includes('lost'))
    assert.equal(channel.isFresh(), false)
    proxy.pass()
    await waitUntilFresh(channel)
    assert.equal(states.at(-1), 'listening')
  })
})
