import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, it } from 'node:test'
import { tcpProxy, testDatabase, waitFor } from '@daytona-auth/testing'
import { connect } from '../src/client.ts'
import { readPoolUse } from '../src/pool-use.ts'

describe('connect', () => {
  it('carries arrays of text there and back, whatever is in them', async (t) => {
    const { database } = await testDatabase(t)
    const texts = ['', 'a,b', '{}', '"quoted"', 'back\\slash', 'NULL', 'ünï', ' spaced ']
    const [row] = await database.$client`SELECT ${texts}::text[] AS texts, ${[]}::text[] AS empty`
    assert.deepEqual(row, { texts, empty: [] })
  })

  it('survives that new connections are cut at any moment', async (t) => {
    const { url } = await testDatabase(t)
    const proxy = await tcpProxy(t, url)
    proxy.pass(2)
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    t.after(() => process.off('unhandledRejection', note))

    for (let cutAfterMs = 0; cutAfterMs < 30; cutAfterMs += 1) {
      const { $client: sql } = connect(proxy.url, { max: 1 })
      const asked = sql`SELECT 1`.then(
        () => 'answered',
        () => 'failed',
      )
      const started = performance.now()
      await waitFor(() => performance.now() - started >= cutAfterMs)
      proxy.cut()
      assert.ok(['answered', 'failed'].includes(await asked))
      await sql.end({ timeout: 1 })
    }
    assert.deepEqual(unhandled, [])
  })

  it('tells how busy the pool is: what fails, what waits and what is rolled back included', async (t) => {
    const { url } = await testDatabase(t)
    const database = connect(url, { max: 2 })
    const { $client: sql } = database
    t.after(() => sql.end({ timeout: 1 }))
    const idle = { max: 2, statements: 0, transactions: 0 }
    assert.deepEqual(readPoolUse(database), idle)

    const release = Promise.withResolvers<void>()
    const rolledBack = database.transaction(async (tx) => {
      await tx.execute('SELECT 1')
      await release.promise
      tx.rollback()
    })
    const holding = sql.begin(async () => release.promise)
    // Both connections are taken: these wait.
    const waiting = [sql`SELECT ${sql(['a'])}`, sql.unsafe('SELECT nothing'), database.execute('SELECT 1')]
    const settled = Promise.allSettled([rolledBack, holding, ...waiting])
    await waitFor(() => readPoolUse(database).statements === 3)
    assert.deepEqual(readPoolUse(database), { max: 2, statements: 3, transactions: 2 })

    release.resolve()
    const outcomes = (await settled).map(({ status }) => status)
    assert.deepEqual(outcomes, ['rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'])
    assert.deepEqual(readPoolUse(database), idle)
  })

  it('tells of each statement and transaction where it is asked for, by its first word', async (t) => {
    const { url } = await testDatabase(t)
    const caller = new AsyncLocalStorage<string>()
    const told: string[] = []
    const database = connect(url, {
      onStatement(operation) {
        const asked = `${caller.getStore()} ${operation}`
        return (outcome) => void told.push(`${asked} ${outcome}`)
      },
    })
    const { $client: sql } = database
    t.after(() => sql.end({ timeout: 1 }))
    await caller.run('reader', async () => await sql`SELECT 1`)
    await caller.run('reader', () => assert.rejects(database.execute('  insert INTO nowhere VALUES (1)').execute()))
    await caller.run('writer', () => database.transaction((tx) => tx.execute('SELECT 1')))
    await caller.run('reader', async () => await sql.unsafe('/* hint */ SELECT 1'))
    assert.deepEqual(told, ['reader SELECT ok', 'reader INSERT failed', 'writer TRANSACTION ok', 'reader OTHER ok'])
  })
})
