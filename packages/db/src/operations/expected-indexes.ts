import type postgres from 'postgres'
import expectedIndexes from './expected-indexes.json' with { type: 'json' }

/** Indexes of a migrated database that are missing or invalid. */
export interface IndexFacts {
  /** Statements that create them. */
  readonly missingIndexes: readonly string[]
  readonly invalidIndexes: readonly string[]
}

/** The definition of each index of a migrated database by its name, those of partitions apart. */
export const EXPECTED_INDEXES: Readonly<Record<string, string>> = expectedIndexes

/** Reads which of our indexes are missing or invalid. Those of other programs are ignored. */
export async function readIndexes(sql: postgres.Sql): Promise<IndexFacts> {
  const rows = await sql<{ name: string; parent: string | null; isValid: boolean }[]>`
    SELECT relname AS name, indisvalid AND indisready AS "isValid",
      (SELECT parent.relname FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent WHERE inhrelid = indexrelid)
        AS parent
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace ORDER BY relname`
  const existing = new Set(rows.map(({ name }) => name))
  return {
    missingIndexes: Object.entries(EXPECTED_INDEXES)
      .filter(([name]) => !existing.has(name))
      .map(([, definition]) => definition.replace(' INDEX ', ' INDEX CONCURRENTLY ')),
    invalidIndexes: rows
      .filter(({ name, parent, isValid }) => !isValid && (parent ?? name) in EXPECTED_INDEXES)
      .map(({ name }) => name),
  }
}
