import type { Database } from '@daytona-auth/db/core'
import type { Sql } from 'postgres'
import type { openExplained } from '../explaining.ts'

type Run = (db: Database) => Promise<unknown>

/** Prints the size of each table with more than 1 MB, with its indexes; of a partitioned one the sum of its partitions. */
export async function printSizes(sql: Sql, print: (line: string) => void): Promise<void> {
  const tables = await sql<{ name: string; rows: string; heap: string; indexes: string; each: string }[]>`
    SELECT root.relname AS name, sum(part.reltuples)::bigint::text AS rows, pg_size_pretty(sum(pg_table_size(part.oid))) AS heap,
      pg_size_pretty(sum(pg_indexes_size(part.oid))) AS indexes,
      round(sum(pg_total_relation_size(part.oid)) / greatest(sum(part.reltuples), 1))::text AS each
    FROM pg_class root JOIN pg_class part
      ON part.oid = root.oid OR part.oid IN (SELECT relid FROM pg_partition_tree(root.oid) WHERE isleaf)
    WHERE root.relnamespace = 'public'::regnamespace AND root.relkind IN ('r', 'p') AND NOT root.relispartition AND part.relkind = 'r'
    GROUP BY 1 HAVING sum(pg_total_relation_size(part.oid)) > 1048576 ORDER BY sum(pg_total_relation_size(part.oid)) DESC`
  print('\n| table | rows | table | indexes | bytes a row |\n| --- | --- | --- | --- | --- |')
  for (const { name, rows, heap, indexes, each } of tables) {
    print(`| \`${name}\` | ${Number(rows).toLocaleString('en')} | ${heap} | ${indexes} | ${each} |`)
  }
  const indexes = await sql<{ name: string; size: string }[]>`
    SELECT coalesce(parent.relname, own.relname) AS name, pg_size_pretty(sum(pg_relation_size(own.oid))) AS size
    FROM pg_class own LEFT JOIN pg_inherits ON inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = inhparent
    WHERE own.relkind = 'i' AND own.relnamespace = 'public'::regnamespace
    GROUP BY 1 HAVING sum(pg_relation_size(own.oid)) > 10485760 ORDER BY sum(pg_relation_size(own.oid)) DESC`
  print(`\n${indexes.map(({ name, size }) => `${name} ${size}`).join(', ')}`)
}

/** Runs a statement in a transaction without an effect. */
export const rolledBack =
  (run: Run): Run =>
  async (db) => {
    const undone = new Error('rolled back')
    await db
      .transaction(async (tx) => {
        await run(tx as unknown as Database)
        throw undone
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error
      })
  }

/**
 * Prints a row for each statement: the time of the second run, in which its pages are in memory, the pages of 8 kB that it
 * reads or changes, and the tables that it reads from the first to the last page.
 */
export async function printStatements(
  statements: Readonly<Record<string, Run>>,
  { database, explained }: { readonly database: Database; readonly explained: ReturnType<typeof openExplained> },
  { print, keepPlan }: { readonly print: (line: string) => void; readonly keepPlan: (plan: string) => Promise<void> },
): Promise<void> {
  print('\n| statement | ms | pages | whole tables |\n| --- | --- | --- | --- |')
  for (const [name, run] of Object.entries(statements)) {
    await run(database)
    const start = performance.now()
    await run(database)
    const ms = performance.now() - start
    await run(explained.database)
    const plans = explained.take().join('\n')
    const pages = [...plans.matchAll(/^Query Text[\s\S]*?Buffers: shared([^\n]*)/gm)]
      .flatMap(([, buffers = '']) => [...buffers.matchAll(/(?:hit|read)=(\d+)/g)])
      .reduce((sum, [, count]) => sum + Number(count), 0)
    const whole = new Set([...plans.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table))
    print(`| ${name} | ${ms.toFixed(1)} | ${pages} | ${[...whole].join(', ')} |`)
    await keepPlan(`${name}\n${plans.replaceAll(/^/gm, '    ')}\n`)
  }
}
