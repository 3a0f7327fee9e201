import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from '@daytona-auth/db/core'
import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { openExplained } from './explaining.ts'
import { fillAccounts } from './scale/fill-accounts.ts'
import { fillHeads, fillMonth } from './scale/fill-trail.ts'
import { printDrop, printVacuums } from './scale/maintenance.ts'
import { printSizes, printStatements, rolledBack } from './scale/report.ts'
import { findBusyKey, readingStatements, SWEEPING_STATEMENTS } from './scale/statements.ts'

// Fills a database of the size of a large platform, and prints the sizes of its tables and the time and pages of every
// frequent statement. With `--data <directory>` the rows are kept, and a later run with more `--months` continues. With
// `--maintain` it vacuums the large tables after changes, and drops the oldest month.

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '20000' },
    organizations: { type: 'string', default: '2000' },
    keys: { type: 'string', default: '5000000' },
    rotations: { type: 'string', default: '20' },
    months: { type: 'string', default: '12' },
    'events-a-month': { type: 'string', default: '4166667' },
    plans: { type: 'string' },
    data: { type: 'string' },
    maintain: { type: 'boolean', default: false },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)
const sizes = {
  users: Number(options.users),
  sharedOrganizations: Number(options.organizations),
  keys: Number(options.keys),
  rotations: Number(options.rotations),
}
const eventsAMonth = Number(options['events-a-month'])

await using opened = new AsyncDisposableStack()
const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'daytona-auth-bench-')))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
if (options.data === undefined) opened.defer(() => rm(directory, { recursive: true, force: true }))
const serve = (durable: boolean, settings: Record<string, string>) =>
  startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    password: 'bench',
    durable,
    settings: { shared_buffers: '1GB', ...settings },
  })

const started = performance.now()
const elapsed = () => `${((performance.now() - started) / 1000).toFixed(0)} s`
{
  await using filling = new AsyncDisposableStack()
  // Rows of a table that was created in the same transaction are not logged in advance: filling takes less time and space.
  const server = await serve(false, { max_wal_size: '2GB', wal_level: 'minimal', max_wal_senders: '0' })
  filling.defer(() => server.stop())
  await migrate(server.url)
  const { $client: sql } = connect(server.url, { max: 1, silenceTimeoutSeconds: null })
  filling.defer(() => sql.end())
  const [filled] = await sql`SELECT FROM api_keys LIMIT 1`
  if (!filled) await fillAccounts(sql, sizes, (line) => print(`${line} after ${elapsed()}`))
  for (let month = 0; month < Number(options.months); month += 1) {
    const wasFilled = await fillMonth(sql, month, eventsAMonth, sizes)
    if (!wasFilled) print(`month ${month + 1} of the trail filled after ${elapsed()}`)
  }
  await fillHeads(sql)
}

// Measured as in production: every commit is on disk.
const server = await serve(true, { max_wal_size: '4GB' })
opened.defer(() => server.stop())
const database = connect(server.url, { max: 1, silenceTimeoutSeconds: null })
opened.defer(() => database.$client.end())

await printSizes(database.$client, print)
const explained = openExplained(server.url)
opened.defer(() => explained.close())
const output = {
  print,
  keepPlan: async (plan: string) => {
    if (options.plans !== undefined) await appendFile(options.plans, plan)
  },
}
const reading = readingStatements({ keys: sizes.keys, eventsAMonth }, await findBusyKey(database.$client))
await printStatements(reading, { database, explained }, output)
const sweeping = Object.entries(SWEEPING_STATEMENTS).map(([name, run]) => [name, rolledBack(run)] as const)
await printStatements(Object.fromEntries(sweeping), { database, explained }, output)
if (options.maintain) {
  await printDrop(database, server.url, print)
  await printVacuums(database, print)
}
