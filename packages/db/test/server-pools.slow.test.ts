import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestServer, testDatabase, waitFor } from '@daytona-auth/testing'
import { openChannel, waitUntilFresh } from '../src/core/channel.ts'
import { connect } from '../src/core/client.ts'
import { checkPrimary, followPrimary, openServerPools, type ServerPools } from '../src/core/server-pools.ts'
import { checkServer } from '../src/core/server-state.ts'

const backendOf = async ({ $client }: ServerPools['management']): Promise<number> => {
  const [row] = await $client<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
  return row?.pid ?? 0
}

describe('the pools of a server', () => {
  it('have their own timeouts, which the database enforces', async (t) => {
    const { url } = await testDatabase(t)
    const pools = openServerPools(url, { connections: 2, applicationName: 'pools' })
    t.after(() => pools.close())
    const shown = await Promise.all(
      [pools.management, pools.verification, pools.background].map(async ({ $client }) => {
        const [row] = await $client`SELECT current_setting('statement_timeout') AS statement,
          current_setting('lock_timeout') AS lock, current_setting('client_connection_check_interval') AS check`
        return [row?.['statement'], row?.['lock'], row?.['check']]
      }),
    )
    assert.deepEqual(shown, [
      ['4500ms', '4s', '2s'],
      ['1500ms', '1200ms', '1s'],
      ['5min', '10s', '10s'],
    ])
    await assert.rejects(pools.verification.$client`SELECT pg_sleep(20)`, { code: '57014' })
  })

  it('report a full server for a while after a write failed because of it', async (t) => {
    const { url } = await testDatabase(t)
    const pools = openServerPools(url, { connections: 2, applicationName: 'pools' })
    t.after(() => pools.close())
    pools.checkSpace()
    const full = pools.management.transaction((tx) => tx.execute(`DO $$ BEGIN RAISE SQLSTATE '53100'; END $$`))
    await assert.rejects(full)
    assert.throws(() => pools.checkSpace(), { name: 'FullServerError' })
  })

  it('are not connected to the server of the channel when the identities differ', async (t) => {
    const { url } = await testDatabase(t)
    const pools = openServerPools(url, { connections: 2, applicationName: 'pools' })
    const channel = openChannel({ url, heartbeatMs: 50 })
    t.after(() => Promise.all([pools.close(), channel.close()]))
    await waitUntilFresh(channel)
    assert.match(channel.server() ?? '', /^\d+:[0-9A-F]{8}$/)
    await checkPrimary(pools, channel)
    const elsewhere = { server: () => '1:00000001' }
    await assert.rejects(checkServer(pools.verification, elsewhere), { name: 'OtherServerError' })
  })
})

describe('a primary that becomes read-only', () => {
  it('makes channel and readiness fail, replaces all connections, and is used again once it is writable', async (t) => {
    const server = await startTestServer()
    t.after(() => server.stop())
    const admin = connect(server.url, { max: 1 }).$client
    await admin.unsafe('CREATE TABLE written (n int)')
    const pools = openServerPools(server.url, { connections: 2, applicationName: 'pools' })
    const channel = openChannel({ url: server.url, heartbeatMs: 50, staleAfterMs: 1000 })
    followPrimary(pools, channel)
    t.after(() => Promise.all([pools.close(), channel.close(), admin.end({ timeout: 1 })]))
    await waitUntilFresh(channel)
    await checkPrimary(pools, channel)
    const write = () => pools.management.$client`INSERT INTO written VALUES (1)`
    await write()
    const before = await backendOf(pools.management)

    await admin`ALTER SYSTEM SET default_transaction_read_only = on`
    await admin`SELECT pg_reload_conf()`
    await waitFor(() =>
      write().then(
        () => false,
        ({ code }) => code === '25006',
      ),
    )
    await waitFor(() => !channel.isFresh())
    await assert.rejects(checkPrimary(pools, channel), { code: '25006' })
    assert.notEqual(await backendOf(pools.management), before)

    await admin`ALTER SYSTEM RESET default_transaction_read_only`
    await admin`SELECT pg_reload_conf()`
    await waitUntilFresh(channel)
    await waitFor(() =>
      checkPrimary(pools, channel).then(
        () => true,
        () => false,
      ),
    )
    // The setting reaches one backend after another.
    await waitFor(() => write().then(() => true))
  })
})
