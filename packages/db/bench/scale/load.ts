import type { Sql, TransactionSql } from 'postgres'

/** Runs `load` in one transaction in which the indexes of the tables, except of their constraints, are built at the end. */
export async function loadWithoutIndexes(
  sql: Sql,
  tables: readonly string[],
  load: (tx: TransactionSql) => Promise<void>,
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe("SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '1GB'")
    const indexes = await tx<{ name: string; definition: string }[]>`
      SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
      WHERE indrelid = ANY (${[...tables]}::text[]::regclass[])
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`
    for (const { name } of indexes) await tx.unsafe(`DROP INDEX ${name}`)
    await load(tx)
    for (const { definition } of indexes) await tx.unsafe(definition)
  })
  await sql.unsafe(`VACUUM ANALYZE ${tables.join(', ')}`)
}
