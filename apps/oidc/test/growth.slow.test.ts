import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { sweep } from '../src/provider/storage/sweeper.ts'
import { browser, DASHBOARD, redeem, refresh, type TestBrowser, testProvider } from './fixture.ts'

const SIGN_INS = 10_000
/** Each keeps one row, its session. */
const BROWSERS = 50
const ROUNDS = 5
const MiB = 2 ** 20
const inMiB = (bytes: number) => (bytes / MiB).toFixed(1)

const provider = await testProvider({ after })
const { database } = provider
const sql = database.$client
const dashboard = DASHBOARD(provider.issuer)
const browsers = await Promise.all(
  Array.from({ length: BROWSERS }, async () => browser(provider, await provider.person())),
)

/** Signs in to the app, redeems the code and refreshes once. */
async function signIn(at: TestBrowser): Promise<void> {
  const redeemed = await redeem(provider, dashboard, await at.authorize(dashboard))
  const { status } = await refresh(provider, dashboard, redeemed.body['refresh_token'] ?? '')
  assert.equal(status, 200)
}

async function signInOften(count: number): Promise<void> {
  await Promise.all(
    browsers.map(async (at) => {
      for (let done = 0; done < count / BROWSERS; done += 1) await signIn(at)
    }),
  )
}

/** Lets everything but the sessions expire, sweeps, and returns the rows that remain and the bytes of tables and indexes. */
async function expireAndSweep() {
  await sql`UPDATE oidc_artifacts SET expires_at = now() - interval '2 days' WHERE model <> 'Session'`
  await sql`UPDATE grants SET expires_at = now() - interval '2 days'`
  await sweep(database, { registrationsKeptMs: 86_400_000, consumedKeptMs: 0 })
  for (const table of ['oidc_artifacts', 'grants']) await sql`VACUUM ${sql(table)}`
  const [found] = await sql<{ artifacts: number; grants: number; rows: number; indexes: number }[]>`
    SELECT (SELECT count(*)::int FROM oidc_artifacts) AS artifacts, (SELECT count(*)::int FROM grants) AS grants,
      (pg_table_size('oidc_artifacts') + pg_table_size('grants'))::float8 AS rows,
      (pg_indexes_size('oidc_artifacts') + pg_indexes_size('grants'))::float8 AS indexes`
  assert.ok(found)
  return found
}

it(`${SIGN_INS} sign-ins with a refresh leave no row behind, and tables that do not grow`, async (t) => {
  const started = performance.now()
  const rounds: Awaited<ReturnType<typeof expireAndSweep>>[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    await signInOften(SIGN_INS / ROUNDS)
    rounds.push(await expireAndSweep())
  }
  const sizes = rounds.map(({ rows, indexes }) => `${inMiB(rows)} + ${inMiB(indexes)}`).join(', ')
  t.diagnostic(
    `${Math.round((performance.now() - started) / 1000)} s; MiB of rows + indexes after each round: ${sizes}`,
  )

  assert.deepEqual(new Set(rounds.map(({ artifacts, grants }) => artifacts + grants)), new Set([BROWSERS]))
  const [second, last] = [rounds[1], rounds.at(-1)]
  assert.ok(second && last)
  // Not the first: PostgreSQL reuses the pages of an index that a round has emptied one round later. What remained of each
  // round would make five rounds 2.5 times as large as two.
  assert.ok(last.rows + last.indexes <= 2 * (second.rows + second.indexes), sizes)
})
