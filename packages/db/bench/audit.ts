import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type AuditFilter, type AuditPosition, countAuditEvents, listAuditEvents } from '@daytona-auth/db/audit'
import { connect } from '@daytona-auth/db/core'
import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { fillTrail, ORGANIZATION } from './audit-rows.ts'
import { openExplained } from './explaining.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    plans: { type: 'boolean', default: false },
    data: { type: 'string' },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)

const LIMIT = 100
const MOST_COUNTED = 10_000

await using opened = new AsyncDisposableStack()
const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'daytona-auth-bench-')))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
const server = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), password: 'bench' })
opened.defer(async () => {
  await server.stop()
  if (options.data === undefined) await rm(directory, { recursive: true, force: true })
})
await migrate(server.url)
const database = connect(server.url, { max: 1 })
opened.defer(() => database.$client.end())
const [head] = await database.$client`SELECT FROM audit_chain_heads WHERE organization_id = ${ORGANIZATION}`
if (!head) await fillTrail(database, Number(options.rows), print)
const explained = openExplained(server.url)
opened.defer(() => explained.close())

const monthsAgo = (months: number) => new Date(Date.now() - months * 30 * 86_400_000)
const [middle] = await database.$client<AuditPosition[]>`
  SELECT id, (extract(epoch FROM created_at) * 1000000)::bigint::text AS at FROM audit_events
  WHERE created_at < ${monthsAgo(6).toISOString()} ORDER BY created_at DESC LIMIT 1`
const person = (number: number) => `usr_${String(number).padStart(26, '0')}`

const searches: Readonly<Record<string, readonly [filter: AuditFilter, after?: AuditPosition | undefined]>> = {
  'newest events': [{}],
  'next page after six months': [{}, middle],
  'a month of half a year ago': [{ createdAt: { gte: monthsAgo(7), lte: monthsAgo(6) } }],
  'an active user': [{ actorId: { eq: person(0) } }],
  'an inactive user': [{ actorId: { eq: person(1990) } }],
  'an unknown user': [{ actorId: { eq: person(9999) } }],
  'an address': [{ actorEmail: { eq: 'person-1000@example.test' } }],
  'a key': [{ actorApiKeyPrefix: { eq: `${KEY_PREFIX}03e8` }, actorApiKeySuffix: { eq: '03e8' } }],
  'a common action': [{ action: { eq: 'sandbox.create' } }],
  'all but a common action': [{ action: { not: 'sandbox.create' } }],
  'a target': [{ targetId: { eq: 'sandbox_0000000000000000012345' } }],
  'a target type': [{ targetType: { eq: 'volume' } }],
  denials: [{ statusCode: { eq: 403 } }],
  'all failures': [{ statusCode: { gte: 400 } }],
  'denials of an action': [{ action: { eq: 'sandbox.delete' }, statusCode: { eq: 403 } }],
  'denials of an inactive user': [{ actorId: { eq: person(1990) }, statusCode: { eq: 403 } }],
  'two common values that never occur together': [{ action: { eq: 'sandbox.create' }, targetType: { eq: 'volume' } }],
  'two common values that rarely occur together': [{ action: { eq: 'api_key.create' }, statusCode: { eq: 409 } }],
  'an event by its id': [{ id: { eq: middle?.id } }],
}

for (const [name, [filter, after]] of Object.entries(searches)) {
  const listed = await timed(() => listAuditEvents(database, ORGANIZATION, filter, { limit: LIMIT, after }))
  const counted = await timed(() => countAuditEvents(database, ORGANIZATION, filter, MOST_COUNTED))
  print(
    `${name}: ${listed.result.rows.length} events in ${listed.ms} ms, ${counted.result} counted in ${counted.ms} ms`,
  )
  if (!options.plans) continue
  await listAuditEvents(explained.database, ORGANIZATION, filter, { limit: LIMIT, after })
  await countAuditEvents(explained.database, ORGANIZATION, filter, MOST_COUNTED)
  for (const plan of explained.take()) print(plan.replaceAll(/^/gm, '    '))
}

/** Measures the second run: its pages are in memory, as the newest part of a trail is. */
async function timed<T>(search: () => Promise<T>): Promise<{ result: T; ms: string }> {
  await search()
  const start = performance.now()
  const result = await search()
  return { result, ms: (performance.now() - start).toFixed(1) }
}
