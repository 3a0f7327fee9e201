import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ApiKeyOrder, type ApiKeySearch, countApiKeys, searchApiKeys } from '@daytona-auth/db/api-keys'
import { connect, type OrganizationId, type UserId } from '@daytona-auth/db/core'
import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { openExplained } from './explaining.ts'

const { values: options } = parseArgs({
  options: { keys: { type: 'string', default: '100000' }, plans: { type: 'boolean', default: false } },
})
const KEYS = Number(options.keys)
const OTHERS = KEYS
const PART = 10_000
const ORGANIZATION = 'org_bench' as OrganizationId
const print = (line: string) => process.stdout.write(`${line}\n`)

await using opened = new AsyncDisposableStack()
const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-bench-'))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
const server = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), password: 'bench' })
opened.defer(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})
await migrate(server.url)
const database = connect(server.url, { max: 1 })
opened.defer(() => database.$client.end())
await fillKeys()
const explained = openExplained(server.url)
opened.defer(() => explained.close())

const newest: ApiKeyOrder = { by: 'createdAt', direction: 'desc' }
const word = (text: string, end?: string) => ({ text, permissions: [], ...(end && { hint: { end } }) })
const searches: Readonly<Record<string, readonly [search: ApiKeySearch, order?: ApiKeyOrder]>> = {
  newest: [{ status: 'active' }],
  'all, newest': [{ status: 'all' }],
  'by name': [{ status: 'active' }, { by: 'name', direction: 'asc' }],
  'by expiry': [{ status: 'active' }, { by: 'expiresAt', direction: 'asc' }],
  'by last use': [{ status: 'active' }, { by: 'lastUsedAt', direction: 'desc' }],
  expiring: [{ status: 'expiring' }, { by: 'expiresAt', direction: 'asc' }],
  unused: [{ status: 'unused' }],
  revoked: [{ status: 'revoked' }],
  administration: [{ status: 'active', permissions: ['admin:organization'] }],
  'a permission of many': [{ status: 'active', permissions: ['write:sandboxes', 'admin:organization'] }],
  'a permission of few': [{ status: 'active', permissions: ['read:registries', 'admin:organization'] }],
  'one owner': [{ status: 'active', userId: 'usr_7' as UserId }],
  'a part of many names': [{ status: 'active', words: [word('a1')] }],
  'a part of no name': [{ status: 'active', words: [word('no such name')] }],
  'last characters of none': [{ status: 'active', words: [word('zzzz', 'zzzz')] }],
  'an owner’s name': [{ status: 'active', words: [word('person-77@')] }],
}

for (const [name, [search, order = newest]] of Object.entries(searches)) {
  await report(name, (db) => searchApiKeys(db, ORGANIZATION, search, order, { limit: 50 }))
}
await report('summary', (db) => countApiKeys(db, ORGANIZATION, {}, 10_000))

/** Measures the second run, and prints the number of pages that it reads. */
async function report(name: string, run: (db: typeof database) => Promise<unknown>): Promise<void> {
  await run(database)
  const start = performance.now()
  await run(database)
  const ms = performance.now() - start
  await run(explained.database)
  const plans = explained.take()
  const [, buffers = '?'] = /Buffers: shared hit=(\d+)/.exec(plans.join('\n')) ?? []
  print(`${name}: ${ms.toFixed(1)} ms, ${buffers} pages`)
  if (options.plans) for (const plan of plans) print(plan.replaceAll(/^/gm, '    '))
}

/** Inserts the keys of one organization, with as many of another, of a hundred owners each. */
async function fillKeys(): Promise<void> {
  await database.$client.begin(async (sql) => {
    await sql`SET LOCAL session_replication_role = replica`
    await sql`INSERT INTO users (id, email, name)
      SELECT 'usr_' || n, 'person-' || n || '@example.test', 'Person ' || n FROM generate_series(0, 199) n`
    await sql`INSERT INTO organizations (id, name, created_by) VALUES (${ORGANIZATION}, 'A', 'usr_1'), ('org_b', 'B', 'usr_1')`
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      SELECT CASE WHEN n < 100 THEN ${ORGANIZATION} ELSE 'org_b' END, 'usr_' || n, 'member' FROM generate_series(0, 199) n`
    // In parts: a connection without an answer for long is closed.
    for (let first = 1; first <= KEYS + OTHERS; first += PART) {
      await sql`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, created_at, expires_at)
        SELECT 'key_' || lpad(n::text, 26, '0'), CASE WHEN is_here THEN ${ORGANIZATION} ELSE 'org_b' END,
          'usr_' || n % 100 + CASE WHEN is_here THEN 0 ELSE 100 END, left(md5(n::text), 8) || ' ' || n,
          CASE WHEN n % 1000 = 0 THEN '{admin:organization}'::text[] ELSE '{read:volumes,write:sandboxes}' END,
          now() - (${KEYS + OTHERS}::int - n) * interval '2 minutes',
          CASE WHEN n % 4 > 0 THEN now() + (n % 7000 + 1) * interval '1 hour' END
        FROM (SELECT n, random() < 0.5 AS is_here FROM generate_series(${first}::int, ${first + PART - 1}::int) n) numbered`
      const range = sql`id >= 'key_' || lpad(${String(first)}, 26, '0')`
      await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name, expires_at, permissions)
        SELECT id, organization_id, user_id, name, expires_at, permissions FROM api_keys WHERE ${range}`
      await sql`INSERT INTO api_key_secrets (digest, key_id, hint, last_used_at)
        SELECT sha256(convert_to(id, 'UTF8')), id, 'dta_' || left(md5(id), 4) || repeat('*', 20) || right(md5(id), 4),
          CASE WHEN random() < 0.9 THEN now() - random() * interval '120 days' END FROM api_keys WHERE ${range}`
    }
  })
  await database.$client`VACUUM ANALYZE`
}
