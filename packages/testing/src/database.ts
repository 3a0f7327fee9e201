import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { connect, type Database } from '@daytona-auth/db/core'
import postgres from 'postgres'
import { fileScope, type Scope, tidyUpAfterFile } from './file-scope.ts'
import { databaseUrl, SERVER_ROLES, startTestServer, TEMPLATE, type TestServer, userUrl } from './server.ts'
import { SERVER_VARIABLE } from './server-variable.ts'

/** Returns a scope within `scope` that cleans up in reverse order; `after` of `node:test` runs in order. */
export function reversed(scope: Scope): Scope {
  const tidyUps: (() => unknown)[] = []
  scope.after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })
  return { after: (tidyUp) => tidyUps.unshift(tidyUp) }
}

export interface TestDatabase {
  /** Connection string of a superuser. */
  readonly url: string
  /** Connection strings of the servers' roles, which have the privileges that each needs and own nothing. */
  readonly serverUrls: { readonly api: string; readonly provider: string }
  readonly database: Database
  /** Runs `statement` as the superuser outside the database, e.g. to forbid connections to it. */
  asAdministrator<T>(statement: (sql: postgres.Sql) => Promise<T>): Promise<T>
  readonly name: string
}

/** A server for a file that runs without the runner. */
let own: Promise<TestServer> | undefined

tidyUpAfterFile()
after(async () => (await own)?.stop())

async function serverUrl(): Promise<string> {
  const shared = process.env[SERVER_VARIABLE]
  if (shared) return shared
  own ??= startTestServer()
  return (await own).url
}

/**
 * Creates a migrated, empty database on a real PostgreSQL. It is dropped after `scope` (a test's `t`), or after the file
 * if there is none, as in a `before` hook. Do not pass `{ after }` of `node:test` in a `before` hook: it runs at the end of
 * that hook. `isMigrated: false` is for tests of migrations.
 */
export async function testDatabase(
  scope: Scope = fileScope,
  { isMigrated = true }: { isMigrated?: boolean } = {},
): Promise<TestDatabase> {
  const server = await serverUrl()
  const template = isMigrated ? TEMPLATE : 'template0'
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdministrator(server, (sql) => sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`))
  const url = databaseUrl(server, name)
  // A test fills tables with one statement, which may take long on a slow machine.
  const database = connect(url, { applicationName: 'daytona-auth-test', silenceTimeoutSeconds: null })
  scope.after(async () => {
    await database.$client.end({ timeout: 1 })
    // A server of this file alone is removed with all its databases, possibly earlier.
    if (own === undefined) await asAdministrator(server, (sql) => sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`))
  })
  const serverUrls = { api: userUrl(url, SERVER_ROLES.api), provider: userUrl(url, SERVER_ROLES.provider) }
  return { url, serverUrls, database, name, asAdministrator: (statement) => asAdministrator(server, statement) }
}

/** Longer than from the end of a test to the database of the next one. */
const IDLE_SECONDS = 5

const administrators = new Map<string, postgres.Sql>()

/** A connection costs the server 25 ms of processor time, so one per server creates and drops all databases. */
function asAdministrator<T>(server: string, statement: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  let sql = administrators.get(server)
  if (sql === undefined) {
    sql = postgres(server, { max: 1, idle_timeout: IDLE_SECONDS, onnotice: () => {} })
    administrators.set(server, sql)
  }
  return statement(sql)
}
