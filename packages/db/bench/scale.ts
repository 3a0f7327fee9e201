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
import { printSizes, printStatements, rolledBack } from './scale/report.ts'
import { findBusyKey, readingStatements, SWEEPING_STATEMENTS } from './scale/statements.ts'

// Fills a database of the size of a large platform, and prints the sizes of its tables and the time and pages of every
// frequent statement. With `--data <directory>` the rows are kept, and a later run with more `--months` continues.

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '20000' },
    organizations: { type: 'string', default: '2000' },
    keys: { type: 'string', default: '5000000' },
    rotations: { type: 'string', default: '20' },
    months: { type: 'string', default: '12' },
    'events-a-month': { type: 'string', default: '833334' },
    plans: { type: 'string' },
    data: { type: 'string' },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)
const sizes = {
  users: Number(options.users),
  sharedOrganizations: Number(options.organizations),
  keys: Number(options.keys),
  rotations: Number(options.rotations),
}

await using opened = new AsyncDisposableStack()
const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'daytona-auth-bench-')))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
const server = await startEmbeddedPostgres({
  dataDir: join(directory, 'postgres'),
  password: 'bench',
  durable: false,
  // Rows of a table that was created in the same transaction are not logged in advance: filling takes less time and space.
  settings: { shared_buffers: '1GB', max_wal_size: '2GB', wal_level: 'minimal', max_wal_senders: '0' },
})
opened.defer(async () => {
  await server.stop()
  if (options.data === undefined) await rm(directory, { recursive: true, force: true })
})
await migrate(server.url)
const database = connect(server.url, { max: 1, silenceTimeoutSeconds: null })
opened.defer(() => database.$client.end())

const started = performance.now()
const elapsed = () => `${((performance.now() - started) / 1000).toFixed(0)} s`
const [filled] = await database.$client`SELECT FROM api_keys LIMIT 1`
if (!filled) await fillAccounts(database.$client, sizes, (line) => print(`${line} after ${elapsed()}`))
for (let month = 0; month < Number(options.months); month += 1) {
  const wasFilled = await fillMonth(database.$client, month, Number(options['events-a-month']), sizes)
  if (!wasFilled) print(`month ${month + 1} of the trail filled after ${elapsed()}`)
}
await fillHeads(database.$client)

await printSizes(database.$client, print)
const explained = openExplained(server.url)
opened.defer(() => explained.close())
const output = {
  print,
  keepPlan: async (plan: string) => {
    if (options.plans !== undefined) await appendFile(options.plans, plan)
  },
}
const reading = readingStatements(sizes.keys, await findBusyKey(database.$client))
await printStatements(reading, { database, explained }, output)
const sweeping = Object.entries(SWEEPING_STATEMENTS).map(([name, run]) => [name, rolledBack(run)] as const)
await printStatements(Object.fromEntries(sweeping), { database, explained }, output)
