import { makePgArray, type PgDatabase } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { parse } from 'postgres-array'
import { connectionOptions } from './connection.ts'
import { countUse, type OnStatement } from './pool-use.ts'
import { renewableClient } from './renewable-client.ts'
import { retryTransactions } from './retry.ts'
import type { SessionOverrides } from './session-settings.ts'

/** The pool. `$client` is postgres.js itself, for the statements that must be fast and for closing: `$client.end()`. */
export type Database = PostgresJsDatabase & { readonly $client: postgres.Sql }

/** A pool or a transaction: either can run a statement. */
export type Queryable = PgDatabase<PostgresJsQueryResultHKT>

export interface ConnectOptions {
  /** The maximum number of connections. */
  readonly max?: number
  /** The connections' `application_name` in `pg_stat_activity`. */
  readonly applicationName?: string
  /**
   * Seconds without an answer to the oldest statement after which a connection is closed. The statement then fails with
   * `CONNECTION_SILENT`. Longer than any statement of the pool's users runs. Null: no limit.
   */
  readonly silenceTimeoutSeconds?: number | null
  /** Called for each statement and transaction that enters the pool. */
  readonly onStatement?: OnStatement | undefined
  /** Called with the error of each statement and transaction that fails. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Settings of the session that differ from ours, such as `statement_timeout`. */
  readonly settings?: SessionOverrides | undefined
}

/**
 * `text[]` (OID 1009), the only array type in our tables. drizzle's own parser loses backslashes. drizzle serializes the
 * arrays that it sends.
 */
export const TEXT_ARRAY = {
  to: 1009,
  from: [1009],
  serialize: (value: string[] | string) => (typeof value === 'string' ? value : makePgArray(value)),
  parse,
}

/** Longer than any statement of a server runs, including its sweepers. */
const SILENCE_SECONDS = 15

/** Seconds before the next attempt to connect. The driver's own delay grows to 20 s, long after the database is back. */
const backoff = (attempts: number): number => (0.5 + Math.random() / 2) * Math.min(3 ** attempts / 100, 1)

/**
 * Opens a pool on `url`. Connections are opened on first use.
 * @throws ConnectionStringError
 */
export function connect(
  url: string,
  {
    max = 10,
    applicationName = 'daytona-auth',
    silenceTimeoutSeconds = SILENCE_SECONDS,
    onStatement,
    onError,
    settings,
  }: ConnectOptions = {},
): Database {
  const options = {
    ...connectionOptions(url, { applicationName, settings }),
    max,
    backoff,
    // Nothing is sent on a connection with an unanswered statement: it may be half-open. The driver's types lack both
    // options.
    max_pipeline: 0,
    silence_timeout: silenceTimeoutSeconds,
    types: { text_array: TEXT_ARRAY },
  }
  const client = postgres(options)
  const renewable = renewableClient(client)
  const counted = countUse(retryTransactions(renewable.client), max, { onStatement, onError })
  renewals.set(counted, renewable.renew)
  return drizzle(counted, { casing: 'snake_case' })
}

const renewals = new WeakMap<object, () => void>()

/**
 * Replaces all connections of a pool, which may be connected to a former primary. Running statements and transactions end
 * on the old connections.
 */
export function renewConnections({ $client }: Database): void {
  renewals.get($client)?.()
}
