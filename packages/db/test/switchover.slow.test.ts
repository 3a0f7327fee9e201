import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { postgresServer, reversed, standbyOf, waitFor } from '@daytona-auth/testing'
import { openChannel, waitUntilFresh } from '../src/core/channel.ts'
import { checkPrimary, followPrimary, openServerPools } from '../src/core/server-pools.ts'
import { readServerId } from '../src/core/server-state.ts'

const HEARTBEAT_MS = 50
const STALE_AFTER_MS = 1000

describe('the heartbeat', () => {
  it('ends freshness on a server that becomes read-only, even without writes', async (t) => {
    const scope = reversed(t)
    const server = await postgresServer(scope)
    const channel = openChannel({ url: server.url, heartbeatMs: HEARTBEAT_MS, staleAfterMs: STALE_AFTER_MS })
    scope.after(() => channel.close())
    await waitUntilFresh(channel)
    await server.configure({ settings: { default_transaction_read_only: 'on' } })
    await waitFor(() => !channel.isFresh())
    // The server continues to deliver notifications.
    const [row] = await server.sql`SELECT 1 AS sent FROM pg_notify('daytona_auth', 'key:key_1')`
    assert.equal(row?.['sent'], 1)
    await server.sql`SET default_transaction_read_only = off`
    await server.configure({ settings: { default_transaction_read_only: 'off' } })
    await waitUntilFresh(channel)
  })

  it('is never fresh on a standby', async (t) => {
    const scope = reversed(t)
    const primary = await postgresServer(scope)
    const standby = await standbyOf(scope, primary)
    const failures: unknown[] = []
    const onState = (_state: string, error: unknown) => failures.push(error)
    const channel = openChannel({ url: standby.url, heartbeatMs: HEARTBEAT_MS, onState })
    scope.after(() => channel.close())
    await waitFor(() => failures.length > 2)
    assert.equal(channel.isFresh(), false)
    await standby.sql`SELECT pg_promote()`
    await waitUntilFresh(channel)
  })
})

describe('a planned switchover', () => {
  it('moves channel and pools to the new primary while connections to the former one stay open', async (t) => {
    const scope = reversed(t)
    const former = await postgresServer(scope)
    const next = await standbyOf(scope, former)
    const applicationName = 'switchover'
    const url = `postgres://postgres:${former.password}@127.0.0.1:${former.port},127.0.0.1:${next.port}/postgres`
    const pools = openServerPools(url, { connections: 2, applicationName })
    const channel = openChannel({ url, heartbeatMs: HEARTBEAT_MS, staleAfterMs: STALE_AFTER_MS })
    followPrimary(pools, channel)
    scope.after(() => Promise.all([pools.close(), channel.close()]))
    const identities = () =>
      Promise.all([pools.management, pools.verification, pools.background].map(({ $client }) => readServerId($client)))
    await waitUntilFresh(channel)
    const before = channel.server()
    assert.match(before ?? '', /:00000001$/)
    assert.deepEqual(await identities(), [before, before, before])

    const moved = Promise.withResolvers<void>()
    channel.subscribe(({ kind }) => {
      if (kind === 'reset' && channel.server() !== before) moved.resolve()
    })
    // The sessions of the former primary are not ended, and nothing is written through the pools.
    await former.configure({ settings: { default_transaction_read_only: 'on' } })
    const open = await former.sql`SELECT FROM pg_stat_activity WHERE application_name LIKE ${`${applicationName}%`}`
    assert.equal(open.length, 3)
    await next.sql`SELECT pg_promote()`

    await moved.promise
    const after = channel.server()
    assert.equal(after, before?.replace(/1$/, '2'))
    assert.deepEqual(await identities(), [after, after, after])
    await checkPrimary(pools, channel)
    await waitUntilFresh(channel)
    const { promise: received, resolve } = Promise.withResolvers<unknown>()
    channel.subscribe((event) => event.kind === 'key' && resolve(event))
    await next.sql`SELECT pg_notify('daytona_auth', 'key:key_1')`
    assert.deepEqual(await received, { kind: 'key', id: 'key_1' })
    await pools.management.$client`CREATE TABLE written (n int)`
  })
})

describe('a crash of the primary', () => {
  it('is noticed as another server, also if the driver itself connects the channel to the next host', async (t) => {
    const scope = reversed(t)
    const former = await postgresServer(scope)
    const next = await standbyOf(scope, former)
    const url = `postgres://postgres:${former.password}@127.0.0.1:${former.port},127.0.0.1:${next.port}/postgres`
    const channel = openChannel({ url, heartbeatMs: HEARTBEAT_MS, staleAfterMs: STALE_AFTER_MS })
    scope.after(() => channel.close())
    await waitUntilFresh(channel)
    const before = channel.server()
    await next.sql`SELECT pg_promote()`
    await former.signal('SIGKILL')
    await waitFor(() => channel.isFresh() && channel.server() === before?.replace(/1$/, '2'))
  })
})
