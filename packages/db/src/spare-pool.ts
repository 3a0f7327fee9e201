import postgres from 'postgres'
import type { Database } from './client.ts'

/**
 * A pool to the same database with connections of its own: for when those of `database` have gone silent. A half-open
 * socket does not announce itself, and the kernel takes a quarter of an hour to find out. Arrays come back as text.
 */
export function openSparePool({ $client }: Database, max = 4): postgres.Sql {
  // postgres.js takes its own parsed options as they are, drizzle's changes to them included; its types do not say so.
  // Without asking for the types of the database first: postgres.js lets nobody catch it when that fails half-way.
  return postgres({ ...$client.options, max, fetch_types: false } as unknown as postgres.Options<Record<string, never>>)
}
