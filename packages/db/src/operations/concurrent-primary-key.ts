import type postgres from 'postgres'
import { createOnTable, type WithShortLocks } from './concurrent-indexes.ts'

const REPLACE_KEY =
  /^ALTER TABLE "(\w+)" DROP CONSTRAINT "(\w+)", ADD CONSTRAINT "(\w+)" PRIMARY KEY\(("\w+"(?:,"\w+")*)\);?$/

interface Replacement {
  readonly table: string
  readonly from: string
  readonly to: string
  readonly columns: string
}

/** Returns what a statement replaces the primary key of a partitioned table with; undefined for any other statement. */
export function parseKeyReplacement(statement: string): Replacement | undefined {
  const [, table, from, to, columns] = REPLACE_KEY.exec(statement.trim()) ?? []
  if (table === undefined || from === undefined || to === undefined || columns === undefined) return undefined
  return { table, from, to, columns }
}

/**
 * Replaces the primary key of a partitioned table without blocking writers. A unique index is built concurrently on each
 * partition; one transaction then makes each the primary key of its partition, which scans nothing.
 */
export async function replacePrimaryKeyConcurrently(
  client: postgres.Sql,
  { table, from, to, columns }: Replacement,
  withShortLocks: WithShortLocks,
): Promise<void> {
  const path = `public."${table}"`
  const [found] = await client`SELECT FROM pg_constraint WHERE conrelid = to_regclass(${path}) AND conname = ${to}`
  if (found) return
  const partitions = await client<{ name: string }[]>`
    SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = to_regclass(${path}) ORDER BY relname`
  const built = partitions.map(({ name }) => ({ partition: name, index: `${name}_new_pkey` }))
  for (const { partition, index } of built) {
    await createOnTable(client, {
      name: index,
      table: partition,
      unique: 'UNIQUE ',
      definition: `USING btree (${columns})`,
    })
  }
  await withShortLocks(async (tx) => {
    await tx.unsafe(`ALTER TABLE ${path} DROP CONSTRAINT "${from}"`)
    // Under the names that PostgreSQL gives them. A partition that was attached since then is new and small.
    for (const { partition, index } of built) {
      await tx.unsafe(
        `ALTER TABLE public."${partition}" ADD CONSTRAINT "${partition}_pkey" PRIMARY KEY USING INDEX "${index}"`,
      )
    }
    await tx.unsafe(`ALTER TABLE ${path} ADD CONSTRAINT "${to}" PRIMARY KEY (${columns})`)
  })
}
