import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { before, describe, it } from 'node:test'
import { type AuditEntry, createAnchorSigner, DEPLOYMENT, dropAuditMonths, recordAudit } from '@daytona-auth/db/audit'
import { type Database, newId, type OrganizationId } from '@daytona-auth/db/core'
import { captureLog, type Scope, testDatabase, waitFor } from '@daytona-auth/testing'
import type { Host } from '../src/host.ts'
import { run } from '../src/run.ts'
import { daytonaAuth } from './command.ts'

const KEY = 'a key of thirty-two characters 7#'

const event = (organizationId: OrganizationId, targetId = 'thing'): AuditEntry => ({
  organizationId,
  actorId: null,
  actorEmail: null,
  source: 'test',
  action: 'volume.create',
  targetId,
})

/** Writes three trails with five events in total. */
async function trails(t?: Scope) {
  const { url, database } = await testDatabase(t)
  const [one, other] = [newId('org'), newId('org')].toSorted() as [OrganizationId, OrganizationId]
  for (const organizationId of [one, other, one, DEPLOYMENT, one]) await recordAudit(database, event(organizationId))
  const audit = (argv: readonly string[], env: Record<string, string> = {}) =>
    daytonaAuth(['audit', ...argv], { env: { DATABASE_URL: url, ...env } })
  return { url, database, one, other, audit }
}

/** Changes the trail as only an administrator of the database can. */
const tamper = ({ $client: sql }: Database, statement: string, ...values: string[]) =>
  sql.begin(async (tx) => {
    await tx.unsafe('SET LOCAL session_replication_role = replica')
    await tx.unsafe(statement, values)
  })

describe('daytona-auth audit', () => {
  let shared: Awaited<ReturnType<typeof trails>>
  before(async () => {
    shared = await trails()
  })

  const stranger = newId('org')
  for (const [what, argv, said] of [
    ['nothing to do', [], /^Usage: daytona-auth audit/],
    ['an invalid id', ['verify', "org_'; DROP TABLE users"], /^<organization-id> must be the id of an organization/],
    [
      'an invalid id to export',
      ['export', 'usr_1'],
      /^<organization-id> must be the id of an organization, as in org_…\n$/,
    ],
    ['two organizations', ['verify', 'org_1', 'org_2'], /^error: too many arguments/],
    ['an organization without a trail', ['verify', stranger], /^there is no audit trail of org_\w+: check the id\n$/],
    [
      'an organization without a trail, to export',
      ['export', stranger],
      /^there is no audit trail of org_\w+: check the id\n$/,
    ],
  ] as const) {
    it(`exits with 2 for ${what}, with a line on standard error`, async () => {
      const ended = await shared.audit(argv)
      assert.deepEqual([ended.exitCode, ended.stdout], [2, ''])
      assert.match(ended.stderr, said)
    })
  }
})

describe('daytona-auth audit verify', () => {
  it('reports that no chain is broken, of all or of one', async (t) => {
    const { audit, one } = await trails(t)
    const all = await audit(['verify'])
    assert.deepEqual(all, { exitCode: 0, stdout: '3 chains with 5 events verified: none is broken\n', stderr: '' })
    const single = await audit(['verify', one, '-f', 'json'])
    assert.deepEqual(JSON.parse(single.stdout), { chains: 1, events: 3, broken: [] })
  })

  it('names each broken chain and where it breaks, and exits with 1', async (t) => {
    const { audit, database, one, other } = await trails(t)
    await tamper(database, `UPDATE audit_events SET target_id = 'x' WHERE organization_id = $1 AND sequence = 2`, one)
    await tamper(database, 'DELETE FROM audit_events WHERE organization_id = $1', other) // its head is left
    await tamper(database, 'DELETE FROM audit_chain_heads WHERE organization_id = $1', DEPLOYMENT)
    const [edited] = await database.$client`
      SELECT id FROM audit_events WHERE organization_id = ${one} AND sequence = 2`
    const ended = await audit(['verify', '-f', 'json'])
    assert.deepEqual([ended.exitCode, ended.stderr], [1, ''])
    const { chains, broken } = JSON.parse(ended.stdout)
    assert.equal(chains, 3)
    assert.deepEqual(broken, [
      { organizationId: one, brokenAt: 2, brokenEventId: edited?.['id'] },
      { organizationId: other, brokenAt: 1, brokenEventId: null },
      { organizationId: DEPLOYMENT, brokenAt: 2, brokenEventId: null },
    ])
    const text = await audit(['verify', one])
    assert.equal(text.exitCode, 1)
    assert.match(text.stdout, new RegExp(`^${one}: broken at event 2 \\(${edited?.['id']}\\)\n1 chains with`))
  })

  it('continues from the anchors of dropped months, and trusts only those of our keys', async (t) => {
    const { audit, database, one } = await trails(t)
    const { $client: sql } = database
    const gone = newId('org')
    const [month] = await sql`SELECT 'audit_events_' || to_char(at, 'YYYY_MM') AS name, at::text,
      (at + interval '1 month')::text AS end FROM (SELECT date_trunc('month', now()) - interval '3 months' AS at) m`
    await sql.unsafe(
      `CREATE TABLE ${month?.['name']} PARTITION OF audit_events FOR VALUES FROM ('${month?.['at']}') TO ('${month?.['end']}')`,
    )
    await sql`INSERT INTO audit_events (id, organization_id, action, source, created_at)
      VALUES (${newId('evt')}, ${gone}, 'volume.create', 'test', ${month?.['at']})`
    assert.equal((await dropAuditMonths(database, { keepMonths: 1, signer: createAnchorSigner([KEY]) })).length, 1)

    const unknown = await audit(['verify'])
    assert.deepEqual([unknown.exitCode, unknown.stdout], [2, ''])
    assert.match(unknown.stderr, /^months of the trail were dropped: set AUDIT_ANCHOR_KEYS to the keys/)
    assert.equal((await audit(['verify', one])).exitCode, 0)
    const ours = await audit(['verify'], { AUDIT_ANCHOR_KEYS: KEY })
    assert.deepEqual([ours.exitCode, ours.stdout], [0, '4 chains with 5 events verified: none is broken\n'])
    assert.equal((await audit(['verify', gone], { AUDIT_ANCHOR_KEYS: KEY })).exitCode, 0)
    const theirs = await audit(['verify'], {
      AUDIT_ANCHOR_KEYS: 'of another deployment for this test 9',
    })
    assert.equal(theirs.exitCode, 1)
    assert.match(theirs.stdout, new RegExp(`^${gone}: broken at event 1 `))
    assert.ok(![unknown, ours, theirs].some(({ stdout, stderr }) => (stdout + stderr).includes(KEY)))
  })
})

describe('daytona-auth audit export', () => {
  it('prints each event of each chain, in its order, as a line', async (t) => {
    const { audit, one, other } = await trails(t)
    const ended = await audit(['export'])
    assert.deepEqual([ended.exitCode, ended.stderr], [0, ''])
    const lines = ended.stdout.split('\n')
    assert.equal(lines.pop(), '')
    const events = lines.map((line) => JSON.parse(line))
    assert.deepEqual(
      events.map(({ organizationId, sequence }) => [organizationId, sequence]),
      [
        [one, 1],
        [one, 2],
        [one, 3],
        [other, 1],
        [DEPLOYMENT, 1],
      ],
    )
    for (const [at, { previousHash, hash }] of events.slice(0, 3).entries()) {
      assert.equal(previousHash, at === 0 ? '' : events[at - 1].hash)
      assert.match(hash, /^[0-9a-f]{64}$/)
    }
    const { action, targetId, source, metadata } = events[0]
    assert.deepEqual(
      { action, targetId, source, metadata },
      { action: 'volume.create', targetId: 'thing', source: 'test', metadata: {} },
    )
    assert.equal((await audit(['export', other])).stdout, `${lines[3]}\n`)
  })

  it('reads a page when the reader has taken the one before, and exits cleanly when the reader closes', async (t) => {
    const { url, database, one } = await trails(t)
    await recordAudit(
      database,
      Array.from({ length: 2500 }, (_, at) => event(one, `${at}`)),
    )
    const pages: string[] = []
    let release = (_error?: Error) => {}
    const stdout = new Writable({
      decodeStrings: false,
      write(page: string, _encoding, taken) {
        pages.push(page)
        release = taken
        if (pages.length < 3) reached.shift()?.()
        else taken(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      },
    })
    stdout.on('error', () => {}) // as main.ts has it
    const reached: (() => void)[] = []
    const page = () => new Promise<void>((resolve) => reached.push(resolve))
    const [first, second] = [page(), page()]
    const log = captureLog()
    const host: Host = { stdin: Readable.from([]), stdout, stderr: log.stream, env: { DATABASE_URL: url } }
    const running = run(['audit', 'export', one], host)
    await first
    // This event is on a page that has not been read yet.
    await recordAudit(database, event(one, 'late'))
    release()
    await second
    assert.equal(pages[0]?.split('\n').length, 1001)
    release()
    await running
    assert.deepEqual([host.exitCode, log.text(), pages.length], [0, '', 3])
    assert.match(pages[2] ?? '', /"targetId":"late"/)
    // The process of a connection ends after the connection.
    await waitFor(async () => {
      const [open] = await database.$client`
        SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name = 'daytona-auth operations' AND datname = current_database()`
      return open?.['connections'] === 0
    })
  })
})
