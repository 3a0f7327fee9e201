import type postgres from 'postgres'
import { MigrationError } from './migration-error.ts'

/**
 * The first line of a migration file that builds indexes without blocking writers. The file contains only CREATE INDEX, as
 * drizzle-kit writes it, and replacements of the primary key of a partitioned table in one ALTER TABLE. It runs outside of a
 * transaction, which CREATE INDEX CONCURRENTLY requires.
 */
export const CONCURRENT_MARK = '-- concurrent indexes'

const CREATE_INDEX = /^CREATE (UNIQUE )?INDEX "(\w+)" ON (?:"public"\.)?"(\w+)" (USING [\s\S]+?);?$/

/** Runs `attempt` with a short `lock_timeout` until it succeeds: see `runMigrations`. */
export type WithShortLocks = (attempt: (tx: postgres.TransactionSql) => Promise<void>) => Promise<void>

export interface Index {
  readonly name: string
  readonly table: string
  readonly unique: string
  /** The statement from `USING` on. */
  readonly definition: string
}

/**
 * Builds the index of one CREATE INDEX statement without blocking writers. For a partitioned table it is built on each
 * partition and attached. A partition that is attached in the meantime gets its index from PostgreSQL. A valid index of an
 * earlier, failed run is used; an invalid one is dropped and built again.
 *
 * @throws MigrationError for any other statement
 */
export async function createIndexConcurrently(
  client: postgres.Sql,
  statement: string,
  withShortLocks: WithShortLocks,
): Promise<void> {
  const [, unique = '', name, table, definition] = CREATE_INDEX.exec(statement.trim()) ?? []
  if (name === undefined || table === undefined || definition === undefined) {
    throw new MigrationError(`a migration of concurrent indexes has another statement: ${statement.trim()}`)
  }
  const index: Index = { name, table, unique, definition }
  const [found] = await client<{ kind: string }[]>`
    SELECT relkind AS kind FROM pg_class WHERE oid = to_regclass(${`public."${table}"`})`
  if (found?.kind === 'p') await createOnPartitions(client, index, withShortLocks)
  else await createOnTable(client, index)
}

async function createOnPartitions(client: postgres.Sql, index: Index, withShortLocks: WithShortLocks): Promise<void> {
  const { name, table, unique, definition } = index
  const state = await stateOf(client, name)
  if (state === 'valid') return
  // Invalid until each partition has its index, and without any rows: the lock is held briefly.
  if (state === 'absent') {
    await withShortLocks(async (tx) => {
      await tx.unsafe(`CREATE ${unique}INDEX "${name}" ON ONLY public."${table}" ${definition}`)
    })
  }
  const [parent] = await client<{ text: string }[]>`
    SELECT pg_get_indexdef(to_regclass(${`public."${name}"`})) AS text`
  // In PostgreSQL's spelling, without the table's name before each column.
  const own = parent?.text.slice(parent.text.indexOf(' USING ') + 1)
  if (own === undefined) throw new MigrationError(`the index ${name} was dropped while it was built`)
  const suffix = name.startsWith(`${table}_`) ? name.slice(table.length) : `_${name}`
  for (const partition of await partitionsWithout(client, name, table)) {
    const child = `${partition}${suffix}`
    await createOnTable(client, { name: child, table: partition, unique, definition: own })
    await withShortLocks(async (tx) => {
      await tx.unsafe(`ALTER INDEX public."${name}" ATTACH PARTITION public."${child}"`)
    })
  }
}

/** Returns the partitions of `table` that have no index attached to `index` yet. */
async function partitionsWithout(client: postgres.Sql, index: string, table: string): Promise<string[]> {
  const rows = await client<{ name: string }[]>`
    SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = to_regclass(${`public."${table}"`}) AND NOT EXISTS (
      SELECT FROM pg_inherits attached JOIN pg_index ON indexrelid = attached.inhrelid
      WHERE attached.inhparent = to_regclass(${`public."${index}"`}) AND indrelid = pg_class.oid)
    ORDER BY relname`
  return rows.map(({ name }) => name)
}

/**
 * Builds an index on one table. Waits for every current reader and writer of the table without a limit: its lock conflicts
 * with neither, so none of them waits behind it.
 */
export async function createOnTable(client: postgres.Sql, { name, table, unique, definition }: Index): Promise<void> {
  const state = await stateOf(client, name)
  if (state === 'valid') return
  if (state === 'invalid') await client.unsafe(`DROP INDEX CONCURRENTLY public."${name}"`)
  await client.unsafe(`CREATE ${unique}INDEX CONCURRENTLY "${name}" ON public."${table}" ${definition}`)
}

async function stateOf(client: postgres.Sql, name: string): Promise<'absent' | 'valid' | 'invalid'> {
  const [row] = await client<{ isValid: boolean }[]>`
    SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass(${`public."${name}"`})`
  if (!row) return 'absent'
  return row.isValid ? 'valid' : 'invalid'
}
