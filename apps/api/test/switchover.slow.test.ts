import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from '@daytona-auth/db/core'
import { migrate } from '@daytona-auth/db/operations'
import { postgresServer, reversed, standbyOf, waitFor } from '@daytona-auth/testing'
import { world } from './world.ts'

/** The published bound of a revocation, in milliseconds. */
const BOUND_MS = 3000

describe('a planned switchover', () => {
  it('applies a revocation on the new primary within the bound, despite open connections to the former one', async (t) => {
    const scope = reversed(t)
    const former = await postgresServer(scope)
    await migrate(former.url)
    const database = connect(former.url)
    scope.after(() => database.$client.end({ timeout: 1 }))
    const next = await standbyOf(scope, former)
    const both = `postgres://postgres:${former.password}@127.0.0.1:${former.port},127.0.0.1:${next.port}/postgres`
    const { api, anotherApi, person, request } = await world(
      scope,
      { DATABASE_URL: both },
      { url: former.url, database },
    )
    const owner = await person()
    const organization = await owner.organization()
    const key = await owner.key(organization, ['read:sandboxes'])
    const token = await owner.token()
    const statusOf = async (path: string, credential: string | null) => (await request('GET', path, credential)).status
    assert.equal(await statusOf('/users/me', key.value), 200)

    // Not the flushed position: with synchronous_commit off, the last commits are flushed later.
    const [written] = await former.sql<{ lsn: string }[]>`SELECT pg_current_wal_insert_lsn()::text AS lsn`
    await waitFor(async () => {
      const [row] = await next.sql`SELECT pg_last_wal_replay_lsn() >= ${written?.lsn ?? ''}::pg_lsn AS is_there`
      return row?.['is_there']
    })
    await former.configure({ settings: { default_transaction_read_only: 'on' } })
    await next.sql`SELECT pg_promote()`
    const fresh = await anotherApi({ DATABASE_URL: next.url })
    const revocation = await request('DELETE', `/api-keys/${key.name}`, token.value, { organization, api: fresh })
    assert.equal(revocation.status, 204)

    const since = performance.now()
    let lastAcceptedMs = Number.NEGATIVE_INFINITY
    while (performance.now() - since < BOUND_MS + 1000) {
      const askedMs = performance.now() - since
      if ((await statusOf('/users/me', key.value)) === 200) lastAcceptedMs = askedMs
      await delay(10)
    }
    t.diagnostic(`the key was last accepted ${Math.round(lastAcceptedMs)} ms after its revocation`)
    assert.ok(lastAcceptedMs <= BOUND_MS, `accepted ${lastAcceptedMs} ms after`)
    await waitFor(async () => (await statusOf('/users/me', key.value)) === 401)
    await waitFor(async () => (await statusOf('/health/ready', null)) === 200)
    const body = { name: 'after the switchover', permissions: ['read:sandboxes'] }
    assert.equal((await request('POST', '/api-keys', token.value, { organization, body, api })).status, 201)
  })
})
