import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { insertApiKey, revokeApiKey, rotateApiKey } from '../src/api-keys/changes.ts'
import { listApiKeys } from '../src/api-keys/queries.ts'
import { SCHEDULED_TASK } from '../src/audit/authority.ts'
import { verifyAuditChain } from '../src/audit/chain.ts'
import { inAudit, recordAudit } from '../src/audit/entries.ts'
import { connect, type Database } from '../src/core/client.ts'
import { newId } from '../src/core/id.ts'
import { findRedeemable, putArtifact, redeemArtifact } from '../src/grants/artifacts.ts'
import { checkDatabase } from '../src/operations/database-check.ts'
import { insertRole, listRoles } from '../src/organizations/roles.ts'
import { findApiKeyFacts } from '../src/principals/facts.ts'
import { insertSandbox, listSandboxes } from '../src/resources/sandboxes.ts'
import { rowsOf } from './rows.ts'

/** Settings that close a database to writes, or that a session cannot override: startup fails and names them. */
const REFUSED = new Set(['default_transaction_read_only', 'transaction_timeout'])

/** Values of text settings that differ most from the expected ones. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  DateStyle: ['German', 'SQL, DMY', 'Postgres, YMD'],
  TimeZone: ['Asia/Kathmandu', 'America/St_Johns'],
  timezone_abbreviations: ['India', 'Australia'],
  search_path: ['hostile, pg_catalog', 'nowhere', 'pg_temp'],
  client_encoding: ['LATIN1', 'SQL_ASCII', 'WIN1252'],
  default_text_search_config: ['pg_catalog.german'],
  default_tablespace: ['pg_default', 'nowhere'],
  temp_tablespaces: ['pg_default', 'nowhere'],
  default_table_access_method: ['heap'],
  lc_monetary: ['C'],
  lc_numeric: ['C'],
  lc_time: ['C'],
  createrole_self_grant: ['set, inherit'],
  restrict_nonsystem_relation_kind: ['view, foreign-table'],
  application_name: ['daytona-auth channel', ''],
  'plpgsql.extra_errors': ['all'],
  'plpgsql.extra_warnings': ['all'],
}

interface Setting {
  readonly name: string
  readonly vartype: string
  readonly setting: string
  readonly min_val: string | null
  readonly max_val: string | null
  readonly enumvals: readonly string[] | null
}

function hostileValues({ name, vartype, setting, min_val, max_val, enumvals }: Setting): readonly string[] {
  if (vartype === 'bool') return [setting === 'on' ? 'off' : 'on']
  if (vartype === 'enum') return (enumvals ?? []).filter((value) => value !== setting)
  if (vartype === 'string') return TEXTS[name] ?? []
  const [min, max] = [Number(min_val), Number(max_val)]
  return [...new Set([min, min + 1, max])].map(String).filter((value) => value !== setting)
}

/** The number of simultaneous transactions of one organization, and of connections. */
const WRITES = 24
const CONNECTIONS = 12

/** Runs the operations of a new deployment as the servers do. Returns the results without ids and instants. */
async function smoke(database: Database) {
  const rows = rowsOf(database)
  const user = await rows.user()
  const home = await rows.organization(user)
  const id = newId('key')
  const digest = createHash('sha256').update(id).digest()
  const next = createHash('sha256').update(`${id}/2`).digest()
  const expiresAt = new Date(Date.now() + 86_400_000)
  const content = {
    id,
    userId: user,
    name: 'Ünïcode \\ "key"',
    permissions: ['read:sandboxes'],
    expiresAt,
    organizationIds: [],
  }
  const created = await inAudit(database, SCHEDULED_TASK, [], (tx) =>
    insertApiKey(tx, home, content, { digest, hint: 'dta_…abcd' }),
  )
  const verified = await findApiKeyFacts(database.$client, [digest])
  const rotation = { graceSeconds: 60, expiresAt }
  await inAudit(database, SCHEDULED_TASK, [], (tx) =>
    rotateApiKey(tx, id, { digest: next, hint: 'dta_…efgh' }, rotation),
  )
  const both = await findApiKeyFacts(database.$client, [digest, next])
  const { rows: listed } = await listApiKeys(database, home, { status: 'active' }, { limit: 10 })
  const roleId = newId('role')
  await inAudit(database, SCHEDULED_TASK, [], (tx) =>
    insertRole(tx, home, roleId, { name: 'reader', description: '', permissions: ['read:sandboxes', 'back\\slash'] }),
  )
  const { rows: allRoles } = await listRoles(database, home, { limit: 100 })
  const roles = allRoles.filter((role) => role.id === roleId)
  const sandbox = { id: newId('sbx'), name: 'box', labels: { a: 'ü' } } as Parameters<typeof insertSandbox>[2]
  await inAudit(database, SCHEDULED_TASK, [], (tx) => insertSandbox(tx, home, sandbox))
  const boxes = await listSandboxes(
    database,
    home,
    {},
    { sort: 'createdAt', order: 'asc', limit: 10, after: undefined },
  )
  const grant = await rows.grant(user)
  const token = { model: 'RefreshToken', digest: createHash('sha256').update(grant).digest() }
  const stored = { payload: { a: ['ü', 1.5, null] }, grantId: grant, accountId: user, clientId: 'app_test', uid: null }
  await putArtifact(database, { ...token, ...stored, userCode: null, expiresAt: Math.floor(Date.now() / 1000) + 60 })
  const before = await findRedeemable(database, token, 5)
  await redeemArtifact(database, token, grant)
  const consumed = await findRedeemable(database, token, 5)
  const event = { organizationId: home, actorId: user, actorEmail: 'ü@example.com', source: 'api-key' }
  for (const action of ['api_key.create', 'api_key.rotate'] as const)
    await recordAudit(database, { ...event, action, metadata: { ü: [1, null] } })
  // Under another isolation level most of these fail, also when they run again: each waits for the events of the others.
  const simultaneous = await Promise.allSettled(
    Array.from({ length: WRITES }, (_, at) =>
      inAudit(database, SCHEDULED_TASK, { ...event, action: 'role.create' }, (tx) =>
        insertRole(tx, home, newId('role'), { name: `writer ${at}`, description: '', permissions: [] }),
      ),
    ),
  )
  const chain = await verifyAuditChain(database, home)
  const revoked = await inAudit(database, SCHEDULED_TASK, [], (tx) => revokeApiKey(tx, home, id))
  const [after] = await findApiKeyFacts(database.$client, [next])
  return {
    isPlaced: created.isPlaced,
    verified: verified.map(({ keyName, permissions, keyExpiresAt }) => [
      keyName,
      permissions,
      keyExpiresAt === expiresAt.getTime(),
    ]),
    both: [digest, next].map((each) => both.some((facts) => each.equals(facts.digest))),
    listed: listed.map(({ name, permissions }) => [name, permissions]),
    roles: roles.map(({ name, permissions }) => [name, permissions]),
    boxes: boxes.rows.map(({ labels, createdAt }) => [labels, Math.abs(createdAt.getTime() - Date.now()) < 60_000]),
    undone: simultaneous.filter(({ status }) => status === 'rejected').length,
    payload: before?.payload,
    isFirst: before?.consumedAt,
    isConsumed: consumed?.justConsumed,
    isIntact: JSON.stringify(chain).includes('"broken') ? chain : 'intact',
    revoked: revoked.length,
    status: after?.status,
  }
}

const { url, database, name } = await testDatabase({ after })
const { $client: sql } = database
await sql.unsafe(
  'CREATE SCHEMA hostile; CREATE SCHEMA postgres; CREATE TABLE hostile.api_keys (); CREATE TABLE postgres.api_keys ()',
)

const unsettable = new Set<string>()

/** Returns the failure with these settings on the role; undefined if there is none. */
async function harmOf(expected: unknown, settings: readonly (readonly [string, string])[]): Promise<unknown> {
  await sql.unsafe(`ALTER ROLE postgres IN DATABASE ${name} RESET ALL`)
  for (const [setting, value] of settings) {
    const list = LISTS.has(setting) ? value : `'${value}'`
    await sql.unsafe(`ALTER ROLE postgres IN DATABASE ${name} SET ${setting} = ${list}`).catch((error: unknown) => {
      // invalid_parameter_value, feature_not_supported: the setting does not accept this value.
      if (!(error instanceof Error && 'code' in error && /^(?:22023|0A000|55P02)$/.test(String(error.code))))
        throw error
      unsettable.add(`${setting} = ${value}`)
    })
  }
  const own = connect(url, { max: CONNECTIONS })
  try {
    const errors = (await checkDatabase(own)).filter(({ severity }) => severity === 'error')
    if (errors.length > 0) return errors
    assert.deepEqual(await smoke(own), expected)
    return undefined
  } catch (error) {
    return error
  } finally {
    await own.$client.end({ timeout: 1 })
  }
}

/** Settings that are lists of identifiers: quoted, the whole would be one identifier. */
const LISTS = new Set(['search_path', 'temp_tablespaces'])

describe('every setting that a user may set', () => {
  it('does not change the results, at any of its values', async (t) => {
    const expected = await smoke(database)
    const settings = await sql<Setting[]>`
      SELECT name, vartype, setting, min_val, max_val, enumvals::text[] AS enumvals FROM pg_settings
      WHERE context = 'user' AND name NOT IN ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')
      ORDER BY name`
    const values = settings
      .filter((setting) => !REFUSED.has(setting.name))
      .map((setting) => [setting.name, hostileValues(setting)] as const)
    const covered = values.filter(([, list]) => list.length > 0)
    const deepest = Math.max(...values.map(([, list]) => list.length))
    const harmful: string[] = []
    for (let depth = 0; depth < deepest; depth += 1) {
      const batch = covered.flatMap(([setting, list]) =>
        list.slice(depth, depth + 1).map((value) => [setting, value] as const),
      )
      harmful.push(...(await harmfulOf(expected, batch)))
    }
    assert.deepEqual(harmful, [])
    assert.ok(covered.length > 120, `${covered.length} settings`)
    t.diagnostic(
      `${covered.length} of ${settings.length} settings, ${covered.flatMap(([, list]) => list).length} values`,
    )
    t.diagnostic(`refused by PostgreSQL: ${[...unsettable]}`)
    t.diagnostic(`without a value: ${values.filter(([, list]) => list.length === 0).map(([setting]) => setting)}`)
  })

  for (const [setting, value] of [
    ['default_transaction_read_only', 'on'],
    ['transaction_timeout', '5s'],
  ] as const) {
    it(`${setting} makes startup fail with its name`, async () => {
      const harm = await harmOf({}, [[setting, value]])
      assert.match(JSON.stringify(harm), setting === 'transaction_timeout' ? /transaction_timeout/ : /is read-only/)
    })
  }
})

/** Finds the harmful settings of a batch by bisection. */
async function harmfulOf(expected: unknown, batch: readonly (readonly [string, string])[]): Promise<string[]> {
  const harm = await harmOf(expected, batch)
  if (harm === undefined) return []
  if (batch.length === 1) return batch.map(([setting, value]) => `${setting} = ${value}: ${describeHarm(harm)}`)
  const middle = batch.length >> 1
  const found = [
    ...(await harmfulOf(expected, batch.slice(0, middle))),
    ...(await harmfulOf(expected, batch.slice(middle))),
  ]
  return found.length > 0 ? found : [`together: ${batch.map(([setting]) => setting)}: ${describeHarm(harm)}`]
}

const describeHarm = (harm: unknown): string =>
  harm instanceof Error ? String(harm.cause ?? harm) : JSON.stringify(harm)
