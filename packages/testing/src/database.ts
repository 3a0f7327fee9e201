import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { connect, type Database } from '@daytona-auth/db'
import postgres from 'postgres'
import { SERVER_VARIABLE } from './global-setup.ts'
import { databaseUrl, startTestServer, TEMPLATE, type TestServer } from './server.ts'

/** What a test, a suite and the module `node:test` itself have in common: somewhere to leave the tidying up. */
export interface Scope {
  after(tidyUp: () => unknown): void
}

export interface TestDatabase {
  readonly url: string
  readonly database: Database
  /** Runs `statement` as the superuser outside the database, e.g. to forbid connections to it. */
  asAdministrator<T>(statement: (sql: postgres.Sql) => Promise<T>): Promise<T>
  readonly name: string
}

/** Our own server, for a file that is run without the global set-up. */
let own: Promise<TestServer> | undefined

// At the end of the file's tests, whichever of them asked for it.
after(async () => (await own)?.stop())

async function serverUrl(): Promise<string> {
  const shared = process.env[SERVER_VARIABLE]
  if (shared) return shared
  own ??= startTestServer()
  return (await own).url
}

/**
 * A fresh, migrated and empty database on a real PostgreSQL, dropped after `scope`: pass a test's `t`, or
 * `{ after }` of `node:test` inside a `describe` or at the top of a file.
 */
export async function testDatabase(scope: Scope): Promise<TestDatabase> {
  const server = await serverUrl()
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdministrator(server, (sql) => sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`))
  const url = databaseUrl(server, name)
  const database = connect(url, { applicationName: 'daytona-auth-test' })
  scope.after(async () => {
    await database.$client.end({ timeout: 1 })
    // A server of our own goes with everything in it, and may be gone already.
    if (own === undefined) await asAdministrator(server, (sql) => sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`))
  })
  return { url, database, name, asAdministrator: (statement) => asAdministrator(server, statement) }
}

async function asAdministrator<T>(server: string, statement: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(server, { max: 1, onnotice: () => {} })
  try {
    return await statement(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
