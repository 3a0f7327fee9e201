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

/** A pool or a transaction: what a statement needs, and it does not care which. */
export type Queryable = PgDatabase<PostgresJsQueryResultHKT>

export interface ConnectOptions {
  /** Connections at most. */
  readonly max?: number
  /** How the server's `pg_stat_activity` shows them. */
  readonly applicationName?: string
  /**
   * Seconds after which a connection whose oldest statement has had no answer is closed, and the statement fails with
   * `CONNECTION_SILENT`. Longer than any statement of the pool's users runs. Null: it is waited for without end.
   */
  readonly silenceTimeoutSeconds?: number | null
  /** Told of each statement and transaction that enters the pool. */
  readonly onStatement?: OnStatement | undefined
  /** Called with the error of each statement and transaction that fails. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Settings of the session that differ from ours, such as `statement_timeout`. */
  readonly settings?: SessionOverrides | undefined
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

/** Longer than any statement of a server runs, those of its sweepers included. */
const SILENCE_SECONDS = 15

/** Seconds before the next attempt to connect: the driver's own grow to 20, for a database that is back long ago. */
const backoff = (attempts: number): number => (0.5 + Math.random() / 2) * Math.min(3 ** attempts / 100, 1)

/**
 * Opens a pool on `url`. Connections are made when first needed.
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
    // Nothing is sent on a connection that has not answered yet: it may have gone silent. The driver's types have
    // neither of the two.
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
 * Replaces all connections of a pool, which may lead to a server that is no longer the primary. Statements and
 * transactions under way end on the old connections.
 */
export function renewConnections({ $client }: Database): void {
  renewals.get($client)?.()
}
