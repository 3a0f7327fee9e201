import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { tcpProxy, testDatabase, waitFor } from '@daytona-auth/testing'
import {
  type Channel,
  type ChannelEvent,
  type ChannelOptions,
  openChannel,
  waitUntilFresh,
} from '../src/core/channel.ts'

/** Opens a channel with shorter heartbeats, so that the tests need not wait. It is stale by itself after the usual time only. */
function open(t: TestContext, options: ChannelOptions): { channel: Channel; received: ChannelEvent[] } {
  const channel = openChannel({ heartbeatMs: 50, ...options })
  const received: ChannelEvent[] = []
  channel.subscribe((event) => received.push(event))
  t.after(() => channel.close())
  return { channel, received }
}

describe('the channel', () => {
  it('is not fresh before its first heartbeat, and emits a reset after it', async (t) => {
    const { url } = await testDatabase(t)
    const { channel, received } = open(t, { url })
    assert.equal(channel.isFresh(), false)
    assert.equal(channel.heartbeatAgeMs(), Number.POSITIVE_INFINITY)
    await waitUntilFresh(channel)
    assert.deepEqual(received, [{ kind: 'reset', reason: 'connected' }])
  })

  it('connects when `after` resolves, and never if it rejects', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const { promise, resolve } = Promise.withResolvers<void>()
    const rejected = Promise.reject(new Error('not ready'))
    const { channel: never } = open(t, { url: proxy.url, after: rejected })
    const { channel } = open(t, { url: proxy.url, after: promise })
    await delay(100)
    assert.equal(proxy.connections(), 0)
    resolve()
    await waitUntilFresh(channel)
    assert.equal(never.isFresh(), false)
  })

  it('receives the notifications of another process in order, and counts them', async (t) => {
    const { url, database } = await testDatabase(t)
    const { channel, received } = open(t, { url })
    await waitUntilFresh(channel)
    const position = channel.position()
    for (const id of ['key_1', 'key_2', 'key_3']) await database.$client.notify('daytona_auth', `key:${id}`)
    await waitFor(() => received.length === 4)
    assert.deepEqual(
      received.slice(1),
      ['key_1', 'key_2', 'key_3'].map((id) => ({ kind: 'key', id })),
    )
    assert.equal(channel.position(), position + 3)
  })

  it('treats an unknown payload as a reset', async (t) => {
    const { url, database } = await testDatabase(t)
    const { channel, received } = open(t, { url })
    await waitUntilFresh(channel)
    await database.$client.notify('daytona_auth', 'invention:1')
    await waitFor(() => received.length === 2)
    assert.deepEqual(received[1], { kind: 'reset', reason: 'invention:1' })
  })

  it('does not count the heartbeat of another process', async (t) => {
    const { url, database } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const { channel } = open(t, { url: proxy.url, staleAfterMs: 800 })
    await waitUntilFresh(channel)
    proxy.stall()
    const beats = setInterval(() => database.$client.notify('daytona_auth', 'beat:another').catch(() => {}), 20)
    t.after(() => clearInterval(beats))
    await waitFor(() => !channel.isFresh())
  })

  it('emits a reset and is fresh again after its backend was terminated', async (t) => {
    const { url, database } = await testDatabase(t)
    const { channel, received } = open(t, { url })
    await waitUntilFresh(channel)
    await database.$client`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'listen%'`
    await waitFor(() => received.length >= 2 && channel.isFresh())
    assert.equal(received.at(-1)?.kind, 'reset')
    await database.$client.notify('daytona_auth', 'key:after')
    await waitFor(() => received.some((event) => event.kind === 'key' && event.id === 'after'))
  })

  it('reports a loss when the driver has replaced a lost connection by itself', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const states: string[] = []
    // Between two heartbeats, no statement fails.
    const { channel } = open(t, { url: proxy.url, heartbeatMs: 60_000, onState: (state) => states.push(state) })
    await waitUntilFresh(channel)
    proxy.cut()
    await waitFor(() => states.length === 3)
    assert.deepEqual(states, ['listening', 'lost', 'listening'])
  })

  it('is stale within the bound if its socket stalls, opens a new connection, and emits a reset', async (t) => {
    const { url, database } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const states: string[] = []
    let now = 0
    const { channel, received } = open(t, {
      url: proxy.url,
      staleAfterMs: 800,
      now: () => now,
      onState: (state) => states.push(state),
    })
    await waitUntilFresh(channel)
    proxy.stall()
    await database.$client.notify('daytona_auth', 'key:missed')
    assert.equal(channel.isFresh(), true)
    now += 801
    assert.equal(channel.isFresh(), false)
    assert.deepEqual(received, [{ kind: 'reset', reason: 'connected' }])

    await waitFor(() => states.includes('lost'))
    proxy.pass()
    await waitUntilFresh(channel)
    assert.deepEqual(received.slice(1), [{ kind: 'reset', reason: 'connected' }])
  })

  it('counts freshness from the sending of a heartbeat, not from its late arrival', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    let now = 0
    const { channel } = open(t, { url: proxy.url, staleAfterMs: 800, now: () => now })
    await waitUntilFresh(channel)
    proxy.stall()
    now += 600 // heartbeats sent from here on are delayed
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, 120)
    await promise
    now += 600
    assert.equal(channel.isFresh(), false)
    proxy.pass()
    await waitFor(() => channel.heartbeatAgeMs() <= 600)
    assert.ok(channel.heartbeatAgeMs() >= 0)
  })

  it('connects by itself after the database was down at the start', async (t) => {
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
