import postgres from 'postgres'
import type { Database } from './client.ts'

/**
 * Opens another pool to the same database, for when the connections of `database` are half-open. Such a socket reports no
 * error, and the kernel takes 15 minutes to detect it. Arrays are returned as text.
 */
export function openSparePool({ $client }: Database, max = 4): postgres.Sql {
  // postgres.js accepts its own parsed options, including drizzle's changes; its types do not show that. The types of the
  // database are not fetched: if the connection is lost then, the rejection cannot be caught.
  return postgres({ ...$client.options, max, fetch_types: false } as unknown as postgres.Options<Record<string, never>>)
}
