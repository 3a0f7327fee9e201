import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pgbouncer, pgbouncerMissing, testDatabase } from '@daytona-auth/testing'
import { connect } from '../src/core/client.ts'
import { SESSION_SETTINGS } from '../src/core/session-settings.ts'
import { checkDatabase } from '../src/operations/database-check.ts'
import { listOverriddenSettings } from '../src/operations/session-check.ts'

const problemsAt = async (url: string): Promise<string[]> => {
  const database = connect(url, { max: 2 })
  try {
    const findings = await checkDatabase(database)
    return findings.filter(({ severity }) => severity !== 'ok').map(({ check, what }) => `${check}: ${what}`)
  } finally {
    await database.$client.end({ timeout: 1 })
  }
}

describe('a session', () => {
  it('reports that session_replication_role disables triggers', async (t) => {
    const { url, database, name } = await testDatabase(t)
    await database.$client.unsafe(`ALTER DATABASE ${name} SET session_replication_role = replica`)
    assert.deepEqual(await problemsAt(url), [
      'session: session_replication_role of the user or database of DATABASE_URL is replica: our triggers do not run',
    ])
  })

  it('lists settings that the database and the role override', async (t) => {
    const { url, database, name } = await testDatabase(t)
    await database.$client.unsafe(`ALTER DATABASE ${name} SET bytea_output = 'escape'`)
    await database.$client.unsafe(`ALTER DATABASE ${name} SET array_nulls = on`)
    await database.$client.unsafe(`ALTER ROLE postgres IN DATABASE ${name} SET datestyle = 'German'`)
    const own = connect(url, { max: 1 })
    t.after(() => own.$client.end())
    assert.deepEqual(await listOverriddenSettings(own), ['DateStyle (of the role)', 'bytea_output (of the database)'])
    assert.deepEqual(await problemsAt(url), [])
  })

  it('runs a transaction again that was rolled back because of another one', async (t) => {
    const { database } = await testDatabase(t)
    const { $client: sql } = database
    await sql`CREATE TABLE counter (id int PRIMARY KEY, n int)`
    await sql`INSERT INTO counter VALUES (1, 0), (2, 0)`
    const bothHold = Promise.withResolvers<void>()
    let holding = 0
    const both = (first: number, second: number) =>
      sql.begin(async (tx) => {
        await tx`UPDATE counter SET n = n + 1 WHERE id = ${first}`
        holding += 1
        if (holding === 2) bothHold.resolve()
        await bothHold.promise
        await tx`UPDATE counter SET n = n + 1 WHERE id = ${second}`
      })
    await Promise.all([both(1, 2), both(2, 1)])
    assert.deepEqual([...(await sql`SELECT n FROM counter ORDER BY id`)], [{ n: 2 }, { n: 2 }])
    assert.equal(holding, 3)
  })
})

describe('behind PgBouncer', { skip: pgbouncerMissing() }, () => {
  const ignored = Object.keys(SESSION_SETTINGS)

  it('a pool in transaction mode is detected, also if it drops our settings', async (t) => {
    const { url } = await testDatabase(t)
    assert.deepEqual(await problemsAt(await pgbouncer(t, url, { ignored })), [
      'session: a pooler in transaction mode is in front of the database of DATABASE_URL: it loses settings, prepared statements and LISTEN',
    ])
  })

  it('a pool in session mode may be used if its sessions have our settings', async (t) => {
    const { url, database, name } = await testDatabase(t)
    await database.$client.unsafe(`ALTER DATABASE ${name} SET search_path = public, pg_temp`)
    await database.$client.unsafe(`ALTER DATABASE ${name} SET client_min_messages = warning`)
    const pooled = await pgbouncer(t, url, { poolMode: 'session', ignored })
    assert.deepEqual(await problemsAt(pooled), [])
    await database.$client.unsafe(`ALTER DATABASE ${name} SET bytea_output = 'escape'`)
    const other = await pgbouncer(t, url, { poolMode: 'session', ignored })
    assert.deepEqual(await problemsAt(other), [
      'session: a pooler in front of the database of DATABASE_URL drops session settings, and these differ: bytea_output',
    ])
  })
})
