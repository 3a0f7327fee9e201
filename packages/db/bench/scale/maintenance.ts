import { setTimeout as delay } from 'node:timers/promises'
import { createAnchorSigner, dropAuditMonths } from '@daytona-auth/db/audit'
import { connect, type Database } from '@daytona-auth/db/core'

/** The tables that grow with use, and a month of the trail. */
const VACUUMED = [
  'api_keys',
  'api_key_secrets',
  'api_key_organizations',
  'api_key_last_uses',
  'api_key_usage',
  'oidc_artifacts',
]
/** The part of the rows that is changed before each VACUUM: the default of autovacuum. */
const CHANGED = 0.2

type Print = (line: string) => void

/** Prints how long VACUUM takes for each large table of which a fifth was changed, and for a month without changes. */
export async function printVacuums({ $client: sql }: Database, print: Print): Promise<void> {
  print('\n| VACUUM of | rows changed before | seconds |\n| --- | --- | --- |')
  // Triggers would notify of every row.
  await sql.unsafe('SET session_replication_role = replica')
  for (const table of VACUUMED) {
    const { count } = await sql.unsafe(
      `UPDATE ${table} SET ${columnOf(table)} = ${columnOf(table)} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} TABLESAMPLE SYSTEM (${CHANGED * 100})))`,
    )
    print(
      `| \`${table}\` | ${count.toLocaleString('en')} | ${await seconds(() => sql.unsafe(`VACUUM ANALYZE ${table}`))} |`,
    )
  }
  await sql.unsafe('RESET session_replication_role')
  const month = await oldestMonth(sql)
  print(`| \`${month}\` | 0 | ${await seconds(() => sql.unsafe(`VACUUM ANALYZE ${month}`))} |`)
  print(`| \`${month}\`, FREEZE | 0 | ${await seconds(() => sql.unsafe(`VACUUM (FREEZE, ANALYZE) ${month}`))} |`)
}

/** Drops the oldest month as the task does, and prints how long that took and how long a writer of the trail waited. */
export async function printDrop(database: Database, url: string, print: Print): Promise<void> {
  const writing = connect(url, { max: 1, silenceTimeoutSeconds: null })
  let isOver = false
  let longest = 0
  const undone = new Error('rolled back')
  const writer = (async () => {
    while (!isOver) {
      const started = performance.now()
      await writing.$client
        .begin(async (tx) => {
          await tx`INSERT INTO audit_events (id, organization_id, action, source)
            VALUES ('evt_' || gen_random_uuid(), 'org_' || lpad('1999', 26, '0'), 'api_key.create', 'api-key')`
          throw undone
        })
        .catch((error: unknown) => {
          if (error !== undone) throw error
        })
      longest = Math.max(longest, performance.now() - started)
      await delay(5)
    }
  })()
  const [oldest] = await database.$client<{ months: number }[]>`
    SELECT extract(year FROM age)::int * 12 + extract(month FROM age)::int AS months
    FROM age(date_trunc('month', now()), to_timestamp(right(${await oldestMonth(database.$client)}, 7), 'YYYY_MM'))`
  const started = performance.now()
  const keepMonths = (oldest?.months ?? 0) - 1
  const dropped = await dropAuditMonths(database, { keepMonths, signer: createAnchorSigner(['bench']) })
  const took = (performance.now() - started) / 1000
  isOver = true
  await writer
  await writing.$client.end()
  print(
    `\ndropped ${dropped.join(', ') || 'nothing'} in ${took.toFixed(1)} s; a writer waited ${longest.toFixed(0)} ms`,
  )
}

/** A column without an index, except of the tables that have none. */
const columnOf = (table: string): string => COLUMNS[table] ?? 'last_used_at'
const COLUMNS: Readonly<Record<string, string>> = {
  api_keys: 'description',
  api_key_organizations: 'permissions',
  api_key_usage: 'allowed',
  oidc_artifacts: 'payload',
}

async function oldestMonth(sql: Database['$client']): Promise<string> {
  const [month] = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'audit_events'::regclass AND reltuples > 0 ORDER BY relname LIMIT 1`
  if (!month) throw new Error('the trail is empty')
  return month.name
}

async function seconds(run: () => Promise<unknown>): Promise<string> {
  const started = performance.now()
  await run()
  return ((performance.now() - started) / 1000).toFixed(1)
}
