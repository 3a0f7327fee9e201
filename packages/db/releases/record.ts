import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../src/core/client.ts'
import { migrate } from '../src/operations/migrate.ts'
import { fillTables } from '../test/filled-tables.ts'

// Records what the next release has to run beside: `node record.ts <version> <url of an empty database> <folder of a log>`.
// README.md says how and when.

/** The test roles of the servers, by which the statements of a log are distinguished. */
const ROLES = { test_api: 'api', test_provider: 'provider' } as const
const ROWS = 40
const STATEMENT = /^(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b/i

const [version, url, ...logs] = process.argv.slice(2)
if (version === undefined || url === undefined || logs.length === 0) throw new Error('see README.md')
const folder = join(import.meta.dirname, version)
mkdirSync(folder, { recursive: true })

await migrate(url)
const database = connect(url, { max: 1 })
await fillTables(database, ROWS)
// It fills without foreign keys; a restore checks them.
await database.$client.unsafe(`
  SET session_replication_role = replica;
  DELETE FROM organization_members WHERE user_id NOT IN (SELECT id FROM users);
  RESET session_replication_role`)
await database.$client.end()
const dump = execFileSync('pg_dump', ['--inserts', '--rows-per-insert=100', '--no-owner', '--no-privileges', url], {
  maxBuffer: 2 ** 28,
}).toString()
// Commands of psql, which no other client understands.
writeFileSync(join(folder, 'dump.sql'), dump.replaceAll(/^\\.*\n/gm, ''))

const statements = { api: new Set<string>(), provider: new Set<string>() }
for (const log of logs) {
  for (const line of readFileSync(log, 'utf8').split('\n').filter(Boolean)) {
    const { user, message } = JSON.parse(line) as { user?: string; message?: string }
    const server = ROLES[user as keyof typeof ROLES]
    const [, sql] = /^execute [^:]+: (.*)$/s.exec(message ?? '') ?? []
    const text = sql?.trim()
    if (server !== undefined && text !== undefined && STATEMENT.test(text)) statements[server].add(text)
  }
}
const sorted = { api: [...statements.api].sort(), provider: [...statements.provider].sort() }
writeFileSync(join(folder, 'statements.json'), `${JSON.stringify(sorted, null, 1)}\n`)
process.stdout.write(`${sorted.api.length} statements of the API, ${sorted.provider.length} of the provider\n`)
