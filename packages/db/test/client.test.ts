import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpProxy, testDatabase, waitFor } from '@daytona-auth/testing'
import { connect } from '../src/client.ts'

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
})
