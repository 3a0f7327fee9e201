import { makePgArray, type PgDatabase } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { parse } from 'postgres-array'
import { countUse, type OnStatement } from './pool-use.ts'

/** The pool. `$client` is postgres.js itself, for the statements that must be fast and for closing: `$client.end()`. */
export type Database = PostgresJsDatabase & { readonly $client: postgres.Sql }

/** A pool or a transaction: what a statement needs, and it does not care which. */
export type Queryable = PgDatabase<PostgresJsQueryResultHKT>

export interface ConnectOptions {
  /** Connections at most. */
  readonly max?: number
  /** How the server's `pg_stat_activity` shows them. */
  readonly applicationName?: string
  /** Told of each statement and transaction that enters the pool. */
  readonly onStatement?: OnStatement | undefined
}

/**
 * `text[]` (OID 1009), the only kind of array in our tables. drizzle's own parser loses backslashes. What drizzle sends
 * it has written as text itself.
 */
const TEXT_ARRAY = {
  to: 1009,
  from: [1009],
  serialize: (value: string[] | string) => (typeof value === 'string' ? value : makePgArray(value)),
  parse,
}

/** Opens a pool on `url`. Connections are made when first needed, so that this never fails. */
export function connect(
  url: string,
  { max = 10, applicationName = 'daytona-auth', onStatement }: ConnectOptions = {},
): Database {
  const client = postgres(url, {
    max,
    connect_timeout: 5,
    connection: { application_name: applicationName, TimeZone: 'UTC' }, // the audit chain hashes instants as UTC
    onnotice: () => {},
    // Told here and not asked of the database: postgres.js asks on each new connection, and when that is cut meanwhile,
    // its rejection is nobody's to catch and ends the process.
    fetch_types: false,
    types: { text_array: TEXT_ARRAY },
  })
  return drizzle(countUse(client, max, onStatement), { casing: 'snake_case' })
}
