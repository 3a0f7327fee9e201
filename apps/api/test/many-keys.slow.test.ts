import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, it } from 'node:test'
import { type ApiProcess, startProcess } from './api-process.ts'
import { world } from './world.ts'

const KEYS = 100_000
const LIMIT_MIB = 512
/** The part of the limit outside V8's old space. An image with this limit sets it in the same way. */
const HEAP_MIB = 384

const { url: databaseUrl, database, person } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const { value: token } = await ada.token()

await database.$client.begin(async (sql) => {
  // Without the triggers, which notify of each row and set columns that this statement sets.
  await sql`SET LOCAL session_replication_role = replica`
  await sql`INSERT INTO api_keys (id, organization_id, user_id, name, permissions)
    SELECT 'key_' || lpad(n::text, 26, '0'), ${organization}, ${ada.userId}, 'key ' || n, '{read:volumes}'
    FROM generate_series(1, ${KEYS}::int) n`
  await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
    SELECT id, organization_id, user_id, name FROM api_keys WHERE organization_id = ${organization}`
  await sql`INSERT INTO api_key_secrets (digest, key_id, hint)
    SELECT sha256(convert_to(id, 'UTF8')), id, 'dta_abcd…wxyz' FROM api_keys WHERE organization_id = ${organization}`
  await sql`INSERT INTO api_key_usage (key_id, organization_id, hour, allowed, denied)
    SELECT id, organization_id, date_trunc('hour', now()) - interval '1 day', right(id, 3)::int, 1 FROM api_keys
    WHERE organization_id = ${organization}`
})
await database.$client`ANALYZE api_keys, api_key_organizations, api_key_secrets, api_key_usage`

const api = await startProcess(
  { after },
  { databaseUrl, env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`, LOG_LEVEL: 'info' } },
)

/** Returns the peak resident memory of the process; undefined if the system does not report it. */
async function peakMib({ pid }: ApiProcess): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? []
  return kib === undefined ? undefined : Number(kib) / 1024
}

/** Returns the ids of all pages, or of the first ones. */
async function walk(path: string, pages = KEYS): Promise<string[]> {
  const ids: string[] = []
  let next: string | undefined = path
  for (let read = 0; next !== undefined && read < pages; read += 1) {
    const response: Response = await fetch(api.url + next, {
      headers: { authorization: `Bearer ${token}`, 'x-daytona-organization-id': organization },
    })
    assert.equal(response.status, 200)
    const body = (await response.json()) as { id: string }[] | { items: { id: string }[] }
    for (const { id } of Array.isArray(body) ? body : body.items) ids.push(id)
    const [, query] = /^<(\?[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? []
    next = query && path.split('?')[0] + query
  }
  return ids
}

// All pages of keys. Every page of usage sums the counts of all keys, so a few pages show that memory does not grow.
for (const [path, pages] of [
  ['/api-keys', KEYS],
  [`/organizations/${organization}/api-keys/usage`, 3],
] as const) {
  it(`lists ${KEYS} keys of one organization in ${LIMIT_MIB} MiB: ${path.replace(organization, '{id}')}`, async (t) => {
    const ids = await walk(path, pages)
    assert.equal(ids.length, Math.min(KEYS, pages * 1000))
    assert.equal(new Set(ids).size, ids.length)
    const peak = await peakMib(api)
    t.diagnostic(`peak of resident memory: ${peak?.toFixed(0)} MiB`)
    assert.ok(peak === undefined || peak < LIMIT_MIB, `${peak} MiB`)
  })
}

it(`answers 20 concurrent requests for such lists in ${LIMIT_MIB} MiB`, async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const path = index % 4 === 0 ? `/organizations/${organization}/api-keys/usage` : '/api-keys'
      const response = await fetch(api.url + path, {
        headers: { authorization: `Bearer ${token}`, 'x-daytona-organization-id': organization },
      })
      await response.arrayBuffer()
      return response.status
    }),
  )
  // On a loaded machine requests may time out; this test only checks that the process continues.
  for (const status of answers) assert.ok(status === 200 || status === 503, String(status))
  const peak = await peakMib(api)
  t.diagnostic(`peak of resident memory: ${peak?.toFixed(0)} MiB`)
  assert.ok(peak === undefined || peak < LIMIT_MIB, `${peak} MiB`)
})
