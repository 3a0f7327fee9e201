import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from '@daytona-auth/db/core'
import { migrate } from '@daytona-auth/db/operations'
import {
  type PostgresServer,
  postgresServer,
  reversed,
  type Scope,
  standbyOf,
  type TcpProxy,
  tcpProxy,
  waitFor,
} from '@daytona-auth/testing'
import { world } from './world.ts'

/** The published bound of a revocation, in milliseconds. */
const STALE_MS = 3000
/** How long after the promotion a server writes again by itself. */
const RECOVERY_MS = 10_000
const WRITERS = 8
/** Acknowledged writes before the failure, and after the recovery. */
const WRITES = 40

interface Cluster {
  readonly primary: PostgresServer
  readonly standby: PostgresServer
  /** Between the API and the primary. */
  readonly network: TcpProxy
  /** Names both servers. */
  readonly url: string
}

interface Drill {
  readonly what: string
  /** Makes the primary unavailable. Resolves when it can no longer acknowledge a write. */
  fail(cluster: Cluster): Promise<void>
}

const DRILLS: readonly Drill[] = [
  { what: 'the primary crashes', fail: ({ primary }) => primary.signal('SIGKILL') },
  { what: 'the primary is stopped for a planned switchover', fail: ({ primary }) => primary.stop() },
  { what: 'the primary is silent', fail: ({ primary }) => primary.signal('SIGSTOP') },
  { what: 'the network drops every packet to the primary', fail: async ({ network }) => network.stall() },
]

describe('a failover with synchronous replication', () => {
  for (const { what, fail } of DRILLS) {
    it(`${what}: no acknowledged write is lost, and a revocation applies within the bound`, async (t) => {
      const scope = reversed(t)
      const cluster = await startCluster(scope)
      const { primary, standby } = cluster
      const database = connect(primary.url)
      scope.after(() => database.$client.end({ timeout: 1 }))
      const { person, request } = await world(
        scope,
        { DATABASE_URL: cluster.url, REQUESTS_PER_MINUTE: '1000000' },
        { url: primary.url, database },
      )
      const owner = await person()
      const organization = await owner.organization()
      const key = await owner.key(organization, ['read:sandboxes'])
      const token = await owner.token()

      const acknowledged = new Map<string, number>()
      const statuses = new Set<number>()
      let isOver = false
      const write = async (_: unknown, writer: number) => {
        for (let at = 0; !isOver; at += 1) {
          const name = `key ${writer}-${at}`
          const body = { name, permissions: ['read:sandboxes'] }
          const { status } = await request('POST', '/api-keys', token.value, { organization, body })
          statuses.add(status)
          if (status === 201) acknowledged.set(name, performance.now())
          else await delay(20)
        }
      }
      const writing = Array.from({ length: WRITERS }, write)
      let lastAcceptedAt = Number.NEGATIVE_INFINITY
      const reading = (async () => {
        while (!isOver) {
          const sentAt = performance.now()
          if ((await request('GET', '/users/me', key.value)).status === 200) lastAcceptedAt = sentAt
          await delay(10)
        }
      })()

      try {
        await waitFor(() => acknowledged.size >= WRITES && Number.isFinite(lastAcceptedAt), 60_000)
        await fail(cluster)
        await standby.sql`SELECT pg_promote(true)`
        const promotedAt = performance.now()
        // On the new primary, before any server has found it: the worst moment.
        await standby.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`
        const revokedAt = performance.now()
        const since = () => [...acknowledged.values()].filter((at) => at > promotedAt)
        await waitFor(() => since().length >= WRITES, 60_000)
        const recoveryMs = Math.min(...since()) - promotedAt
        await waitFor(async () => (await request('GET', '/users/me', key.value)).status === 401)
        await waitFor(async () => (await request('GET', '/health/ready')).status === 200)
        isOver = true
        await Promise.all([...writing, reading])

        const rows = await standby.sql<{ name: string }[]>`
          SELECT name FROM api_keys WHERE EXISTS (
            SELECT FROM audit_events WHERE action = 'api_key.create' AND target_id = api_keys.id)`
        const present = new Set(rows.map(({ name }) => name))
        const lost = [...acknowledged.keys()].filter((name) => !present.has(name))
        const staleMs = Math.max(0, lastAcceptedAt - revokedAt)
        t.diagnostic(
          `${acknowledged.size} writes acknowledged, ${lost.length} lost; last stale yes after ${Math.round(staleMs)} ms; ` +
            `first write ${Math.round(recoveryMs)} ms after the promotion`,
        )
        assert.deepEqual(lost, [])
        assert.deepEqual([...statuses].toSorted(), [201, 503])
        assert.ok(staleMs <= STALE_MS, `accepted ${staleMs} ms after its revocation`)
        assert.ok(recoveryMs <= RECOVERY_MS, `wrote ${recoveryMs} ms after the promotion`)
      } finally {
        isOver = true
        await Promise.all([...writing, reading])
      }
    })
  }
})

/** Starts a migrated primary with a synchronous standby, each behind a network of its own. */
async function startCluster(scope: Scope): Promise<Cluster> {
  const primary = await postgresServer(scope)
  await migrate(primary.url)
  // For the database: it has precedence over the setting of the test server, which gives up durability.
  await primary.sql`ALTER DATABASE postgres SET synchronous_commit = 'on'`
  const standby = await standbyOf(scope, primary)
  await primary.configure({ settings: { synchronous_standby_names: '*' } })
  await waitFor(async () => {
    const rows = await primary.sql`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`
    return rows.length === 1
  })
  const network = await tcpProxy(scope, primary.url)
  const other = await tcpProxy(scope, standby.url)
  const url = `postgres://postgres:${primary.password}@127.0.0.1:${network.port},127.0.0.1:${other.port}/postgres`
  return { primary, standby, network, url }
}
