import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpProxy, testDatabase, waitFor } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'

const APPLICATION = 'lost-connections'

/** The number of cut connections. */
const CUTS = 300

describe('a pool whose connections are lost', () => {
  for (const how of ['terminated by the server', 'cut by the network'] as const) {
    it(`settles every transaction, and writes none partially: ${CUTS} connections ${how}`, async (t) => {
      const { url, database: other } = await testDatabase(t)
      const proxy = await tcpProxy(t, url)
      const database = connect(proxy.url, { max: 8, applicationName: APPLICATION })
      const { $client: sql } = database
      t.after(() => sql.end({ timeout: 1 }))
      await other.$client`CREATE TABLE halves (pair int, half int)`
      const uncaught: unknown[] = []
      const note = (error: unknown) => uncaught.push(error)
      process.on('uncaughtException', note).on('unhandledRejection', note)
      t.after(() => process.off('uncaughtException', note).off('unhandledRejection', note))

      const acknowledged: number[] = []
      let failed = 0
      let pairs = 0
      let isOver = false
      const write = async () => {
        while (!isOver) {
          const pair = pairs++
          try {
            await sql.begin(async (tx) => {
              await tx`INSERT INTO halves VALUES (${pair}, 1)`
              await tx`SELECT pg_sleep(0.001)`
              await tx`INSERT INTO halves VALUES (${pair}, 2)`
            })
            acknowledged.push(pair)
          } catch {
            failed += 1
          }
        }
      }
      // Statements outside of transactions take over connections that were lost inside of one.
      const read = async () => {
        while (!isOver) await sql`SELECT 1`.catch(() => {})
      }
      const work = [...Array.from({ length: 8 }, write), read(), read()]

      for (let cuts = 0; cuts < CUTS; cuts += 1) {
        const begun = pairs
        if (how === 'cut by the network') proxy.cut()
        else {
          await other.$client`
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${APPLICATION} AND state <> 'idle'
            ORDER BY random() LIMIT 2`
        }
        await waitFor(() => pairs > begun + 2, 30_000)
      }
      isOver = true
      await Promise.all(work)

      assert.deepEqual(uncaught, [])
      assert.ok(failed > CUTS / 10, `only ${failed} transactions were cut`)
      await waitFor(async () => {
        const [open] = await other.$client`
          SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = ${APPLICATION} AND state <> 'idle'`
        return open?.['n'] === 0
      })
      const halves = await other.$client`SELECT pair FROM halves GROUP BY pair HAVING count(*) <> 2`
      assert.deepEqual([...halves], [], 'pairs of which one half is there')
      const written = new Set((await other.$client`SELECT DISTINCT pair FROM halves`).map(({ pair }) => pair))
      assert.deepEqual(
        acknowledged.filter((pair) => !written.has(pair)),
        [],
        'acknowledged and not there',
      )
    })
  }

  it('runs no statement of a lost transaction on the new connection', async (t) => {
    const { url, database: other } = await testDatabase(t)
    const { $client: sql } = connect(url, { max: 1 })
    t.after(() => sql.end({ timeout: 1 }))
    await other.$client`CREATE TABLE written (n int)`
    const transaction = sql.begin(async (tx) => {
      const [backend] = await tx`SELECT pg_backend_pid() AS pid`
      await other.$client`SELECT pg_terminate_backend(${backend?.['pid']})`
      await assert.rejects(tx`SELECT 1`)
      // The pool's only connection is open again, for others.
      await waitFor(async () => (await sql`SELECT 1`.catch(() => [])).length === 1)
      await assert.rejects(tx`INSERT INTO written VALUES (1)`, { code: 'CONNECTION_CLOSED' })
    })
    await assert.rejects(transaction)
    assert.deepEqual([...(await other.$client`SELECT * FROM written`)], [])
  })

  it('rejects statements on a reserved connection that was lost', async (t) => {
    const { url, database: other } = await testDatabase(t)
    const { $client: sql } = connect(url, { max: 1 })
    t.after(() => sql.end({ timeout: 1 }))
    const reserved = await sql.reserve()
    const [backend] = await reserved`SELECT pg_backend_pid() AS pid`
    await other.$client`SELECT pg_terminate_backend(${backend?.['pid']})`
    await assert.rejects(reserved`SELECT 1`)
    await assert.rejects(reserved`SELECT 1`, { code: 'CONNECTION_CLOSED' })
    reserved.release()
    assert.equal((await sql`SELECT 1`).length, 1)
  })
})

describe('a pool with half-open connections', () => {
  it('closes connections without an answer, and uses new ones, also for transactions', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    const { $client: sql } = connect(proxy.url, { max: 3, silenceTimeoutSeconds: 0.3 })
    t.after(() => sql.end({ timeout: 1 }))
    await Promise.all([sql`SELECT 1`, sql`SELECT 2`, sql`SELECT 3`])
    const connections = proxy.connections()
    proxy.stall()
    const asked = [
      ...Array.from({ length: 9 }, () => sql`SELECT 1`.then(() => 'answered')),
      ...Array.from({ length: 3 }, () => sql.begin((tx) => tx`SELECT 1`).then(() => 'answered')),
    ].map((answer) => answer.catch((error) => error.code))
    assert.deepEqual([...new Set(await Promise.all(asked.slice(0, 3)))], ['CONNECTION_SILENT'])
    proxy.cut()
    proxy.pass()
    await Promise.all(asked)
    await waitFor(() =>
      sql`SELECT 1`.then(
        () => true,
        () => false,
      ),
    )
    assert.equal((await sql.begin((tx) => tx`SELECT 1 AS one`))[0]?.['one'], 1)
    assert.ok(proxy.connections() > connections)
  })

  it('waits for a slow statement whose rows arrive one by one', async (t) => {
    const { url } = await testDatabase(t)
    const { $client: sql } = connect(url, { max: 1, silenceTimeoutSeconds: 0.4 })
    t.after(() => sql.end({ timeout: 1 }))
    // A row of 16 KB each 0.15 s: in total longer than `silence_timeout`.
    const rows = await sql`SELECT repeat('x', 16384), pg_sleep(0.15) FROM generate_series(1, 6)`
    assert.equal(rows.length, 6)
    await assert.rejects(sql`SELECT pg_sleep(5)`, { code: 'CONNECTION_SILENT' })
    assert.equal((await sql`SELECT 1`).length, 1)
  })
})
