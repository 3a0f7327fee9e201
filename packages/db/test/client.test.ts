import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, it } from 'node:test'
import { tcpProxy, testDatabase, waitFor } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import { readPoolUse } from '../src/core/pool-use.ts'

describe('connect', () => {
  it('sends and returns arrays of text with any content', async (t) => {
    const { database } = await testDatabase(t)
    const texts = ['', 'a,b', '{}', '"quoted"', 'back\\slash', 'NULL', 'ünï', ' spaced ']
    const [row] = await database.$client`SELECT ${texts}::text[] AS texts, ${[]}::text[] AS empty`
    assert.deepEqual(row, { texts, empty: [] })
  })

  it('has no unhandled rejection if new connections are cut at any time', async (t) => {
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

  it('counts the load of the pool, including failures, waiting statements and rollbacks', async (t) => {
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

  it('reports each statement and transaction by its first word', async (t) => {
    const { url } = await testDatabase(t)
    const caller = new AsyncLocalStorage<string>()
    const calls: string[] = []
    const database = connect(url, {
      onStatement(operation) {
        const call = `${caller.getStore()} ${operation}`
        return (outcome) => void calls.push(`${call} ${outcome}`)
      },
    })
    const { $client: sql } = database
    t.after(() => sql.end({ timeout: 1 }))
    await caller.run('reader', async () => await sql`SELECT 1`)
    await caller.run('reader', () => assert.rejects(database.execute('  insert INTO nowhere VALUES (1)').execute()))
    await caller.run('writer', () => database.transaction((tx) => tx.execute('SELECT 1')))
    await caller.run('reader', async () => await sql.unsafe('/* hint */ SELECT 1'))
    assert.deepEqual(calls, ['reader SELECT ok', 'reader INSERT failed', 'writer TRANSACTION ok', 'reader OTHER ok'])
  })
})
