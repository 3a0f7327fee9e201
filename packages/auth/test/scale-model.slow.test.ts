import assert from 'node:assert/strict'
import { it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { measureCosts, receive, startProcess, verifyAll } from '../bench/scale-model/measure.ts'
import { costOfRevocation, simulateRefill } from '../bench/scale-model/simulate.ts'
import { seedKeys } from '../bench/seed-keys.ts'

const PROCESSES = 3
const KEYS = 2000
/** Each key is presented this often while it is looked up. */
const REPEATED = 3
/** The model may differ from what is measured by this factor. */
const FACTOR = 2.5

function assertNear(what: string, modelled: number, measured: number): void {
  assert.ok(modelled < measured * FACTOR && measured < modelled * FACTOR, `${what}: ${modelled} instead of ${measured}`)
}

it('the model of empty caches and of a mass revocation agrees with processes on this machine', async (t) => {
  const { url, database } = await testDatabase(t)
  const shape = { organizationsPerKey: 2, nameLength: 20 }
  const costs = await measureCosts(url, await seedKeys(database, { count: 4000, ...shape }, 'a'))
  const keys = await seedKeys(database, { count: KEYS, ...shape }, 'b')
  await using opened = new AsyncDisposableStack() // closed before the database is dropped
  const running = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(url)))
  opened.defer(async () => {
    await Promise.all(running.map((each) => each.close()))
  })

  const before = await Promise.all(running.map((each) => each.databaseMs()))
  const presented = Array.from({ length: REPEATED }, () => keys).flat()
  await Promise.all(running.map((each) => verifyAll(each, presented)))
  const measured = {
    statements: running.reduce((sum, each) => sum + each.statements(), 0),
    databaseMs: (await Promise.all(running.map((each) => each.databaseMs()))).reduce(
      (sum, ms, at) => sum + ms - (before[at] ?? 0),
      0,
    ),
  }
  // All requests in the first step, and each key equally often.
  let next = 0
  const modelled = simulateRefill(
    {
      processes: PROCESSES,
      requestsPerSecond: PROCESSES * KEYS * REPEATED * 1000,
      keys: KEYS,
      databaseCores: 1,
      connections: 4,
      batch: 100,
      timeoutMs: 60_000,
      arrivalMs: 1,
    },
    costs,
    () => {
      next += 1
      return next % KEYS
    },
  )
  t.diagnostic(`statements: ${modelled.statements} instead of ${measured.statements}`)
  t.diagnostic(`database: ${modelled.databaseMs.toFixed(0)} ms instead of ${measured.databaseMs} ms`)
  assertNear('statements', modelled.statements, measured.statements)
  assertNear('database', modelled.databaseMs, measured.databaseMs)

  const received = running.map(({ channel }) => receive(channel, KEYS))
  const own = process.cpuUsage()
  const { count } = await database.$client`
    UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id LIKE 'key_b%' AND status = 'active'`
  await Promise.all(received)
  const { user, system } = process.cpuUsage(own)
  assert.equal(count, KEYS)
  const { notifications, processMs } = costOfRevocation(KEYS, { processes: PROCESSES, databaseCores: 1 }, costs)
  t.diagnostic(
    `${notifications} notifications: ${(processMs * PROCESSES).toFixed(0)} ms instead of ${((user + system) / 1000).toFixed(0)}`,
  )
  assert.equal(notifications, count * PROCESSES)
  assertNear('notifications', processMs * PROCESSES, (user + system) / 1000)
})
