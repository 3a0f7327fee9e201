import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { connect, type Database } from '@daytona-auth/db/core'
import { isMigrated, migrate } from '@daytona-auth/db/operations'
import { reversed, type Scope, SERVER_ROLES, type TestDatabase, testDatabase } from '@daytona-auth/testing'
import { startProcess } from './api-process.ts'

const RELEASES = join(import.meta.dirname, '../../../packages/db/releases')

interface Statements {
  readonly api: readonly string[]
  readonly provider: readonly string[]
}

/** What a statement contains that fails on the newest schema, as `docker/README.md` announces. Every other one must succeed. */
const ANNOUNCED: Readonly<Record<string, readonly RegExp[]>> = {}

const releases = readdirSync(RELEASES, { withFileTypes: true }).filter((entry) => entry.isDirectory())

for (const { name: release } of releases) {
  describe(`release ${release} and this one on one database`, () => {
    it('keeps the rows, and this API accepts a key of that release', async (t) => {
      const scope = reversed(t)
      const { database, serverUrls, url } = await restored(scope, release)
      const { $client: sql } = database
      const { key, digest } = mintKey()
      await sql`UPDATE api_key_secrets SET digest = ${digest} WHERE key_id = 'key_1'`
      const before = await countRows(database)
      assert.ok(Object.keys(before).length > 10)
      await migrate(url, { roles: SERVER_ROLES })
      assert.equal(await isMigrated(database), true)
      assert.deepEqual({ ...(await countRows(database)), ...before }, await countRows(database))
      const { url: api } = await startProcess(scope, { databaseUrl: serverUrls.api })
      const response = await fetch(`${api}/sandbox`, { headers: { authorization: `Bearer ${key}` } })
      assert.equal(response.status, 200, await response.text())
    })

    for (const server of ['api', 'provider'] as const) {
      it(`lets the ${server} of that release run each of its statements`, async (t) => {
        const { url, serverUrls } = await restored(t, release)
        await migrate(url, { roles: SERVER_ROLES })
        const statements: Statements = JSON.parse(readFileSync(join(RELEASES, release, 'statements.json'), 'utf8'))
        const client = connect(serverUrls[server], { max: 1 })
        t.after(() => client.$client.end({ timeout: 1 }))
        const failures: string[] = []
        for (const statement of statements[server]) {
          const failure = await explain(client, statement)
          const isAnnounced = ANNOUNCED[release]?.some((pattern) => pattern.test(statement)) ?? false
          if ((failure !== undefined) !== isAnnounced) failures.push(`${failure ?? 'succeeds'}: ${statement}`)
        }
        t.diagnostic(`${statements[server].length} statements`)
        assert.ok(statements[server].length > 40)
        assert.deepEqual(failures, [])
      })
    }
  })
}

/** Plans a statement and checks its privileges, without executing it. Returns the error. */
async function explain({ $client: sql }: Database, statement: string): Promise<string | undefined> {
  try {
    await sql.unsafe(`PREPARE recorded AS ${statement}`)
    const [row] = await sql<{ count: number }[]>`
      SELECT cardinality(parameter_types) AS count FROM pg_prepared_statements WHERE name = 'recorded'`
    const values = Array.from({ length: row?.count ?? 0 }, () => 'NULL').join(', ')
    await sql.unsafe(`EXPLAIN EXECUTE recorded${values && `(${values})`}`)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await sql.unsafe('DEALLOCATE recorded').catch(() => {})
  }
}

async function restored(scope: Scope, release: string): Promise<TestDatabase> {
  const database = await testDatabase(scope, { isMigrated: false })
  // The dump changes settings of its session.
  const { $client: sql } = connect(database.url, { max: 1, silenceTimeoutSeconds: null })
  await sql.unsafe(readFileSync(join(RELEASES, release, 'dump.sql'), 'utf8'))
  await sql.end()
  return database
}

/** The number of rows of each table that has any, without the list of migrations. */
async function countRows({ $client: sql }: Database): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ n: number }[]>(`SELECT count(*)::int AS n FROM public.${name}`)
    if (row && row.n > 0) counts[name] = row.n
  }
  return counts
}
