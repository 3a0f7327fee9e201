import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { connect } from '../src/core/client.ts'
import { runMigrations } from '../src/operations/run-migrations.ts'
import { fillTables } from '../test/filled-tables.ts'
import { FOLDER, LOCKS, MIGRATIONS, migrateUnderLoad } from '../test/migration-load.ts'
import { fillTrail } from './audit-rows.ts'

// Prints what each migration locks, how long it takes, and how long a writer waits, with and without a long reader, on a
// trail of ten million events and a million rows in the other large tables. `--data <directory>` keeps the filled tables.

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    others: { type: 'string', default: '1000000' },
    from: { type: 'string', default: '0006_audit_search' },
    readers: { type: 'string', default: '0,5000' },
    data: { type: 'string' },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)
const FILLED = 'filled'

await using opened = new AsyncDisposableStack()
const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'daytona-auth-bench-')))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
const server = await startEmbeddedPostgres({
  dataDir: join(directory, 'postgres'),
  password: 'bench',
  durable: false,
  settings: { max_wal_size: '4GB', shared_buffers: '512MB' },
})
opened.defer(async () => {
  await server.stop()
  if (options.data === undefined) await rm(directory, { recursive: true, force: true })
})
const { $client: admin } = connect(server.url, { max: 1, silenceTimeoutSeconds: null })
opened.defer(() => admin.end())
const urlOf = (name: string) => Object.assign(new URL(server.url), { pathname: name }).href
const first = MIGRATIONS.findIndex(({ tag }) => tag === options.from)

const [filled] = await admin`SELECT FROM pg_database WHERE datname = ${FILLED}`
if (!filled) {
  const name = 'filling'
  await admin.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await admin.unsafe(`CREATE DATABASE ${name}`)
  const database = connect(urlOf(name), { max: 1, silenceTimeoutSeconds: null })
  await runMigrations(database.$client, MIGRATIONS.slice(0, first), { folder: FOLDER, locks: LOCKS })
  await fillTables(database, Number(options.others))
  await fillTrail(database, Number(options.rows), print)
  await database.$client.end()
  await admin.unsafe(`ALTER DATABASE ${name} RENAME TO ${FILLED}`)
}

for (const readerMs of options.readers.split(',').map(Number)) {
  print(readerMs === 0 ? 'without a reader' : `with a reader of ${readerMs} ms`)
  await admin.unsafe('DROP DATABASE IF EXISTS measured WITH (FORCE)')
  await admin.unsafe(`CREATE DATABASE measured TEMPLATE ${FILLED} STRATEGY file_copy`)
  const database = connect(urlOf('measured'), { max: 2, silenceTimeoutSeconds: null })
  const load = readerMs === 0 ? {} : { whileReading: () => delay(readerMs) }
  for (const migration of MIGRATIONS.slice(first)) {
    const [measured] = await migrateUnderLoad(database, urlOf('measured'), [migration], load)
    if (!measured) continue
    const { tag, ms, longestWaitMs, waitedFor, locks } = measured
    print(`${tag}: ${ms} ms, a writer waited ${longestWaitMs} ms (${waitedFor}), locks ${locks.join(', ') || 'none'}`)
  }
  await database.$client.end()
}
