import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { KEY_FORM } from '@daytona-auth/protocol/api-key-format'
import { waitFor } from '@daytona-auth/testing'
import { startProcess } from './api-process.ts'
import { world } from './world.ts'

const VALUE = new RegExp(`"value":"(${KEY_FORM})"`)

const GENEROUS = {
  REQUESTS_PER_MINUTE: '100000',
  SANDBOX_CREATIONS_PER_MINUTE: '100000',
  MANAGEMENT_WRITES_PER_CREDENTIAL: '1000',
  API_KEYS_PER_OWNER: '10000',
  ROLES_PER_ORGANIZATION: '10000',
}
const { url, database, person, request } = await world({ after }, GENEROUS)
const sql = database.$client
const ada = await person()
const { value: token } = await ada.token()
const organizations = [await ada.organization('One'), await ada.organization('Two')] as const

/** Writes of one kind, each known by a name of its own. */
interface Kind {
  readonly times: number
  readonly call: (name: string, organization: string) => readonly [method: string, path: string, body?: object]
  /** The names of those that are in the database, whole. */
  readonly written: () => PromiseLike<readonly { name: string }[]>
  /** The action of their events, which contain the name. */
  readonly action: string
  /** Sent a second time, it succeeds again and has an event for each time. */
  readonly isRepeatable?: true
}

const kinds: Readonly<Record<string, Kind>> = {
  'api keys made': {
    times: 600,
    call: (name) => ['POST', '/api-keys', { name, permissions: ['read:sandboxes'] }],
    written: () => sql`SELECT name FROM api_keys WHERE name LIKE '%-made-%'`,
    action: 'api_key.create',
  },
  'api keys deleted': {
    times: 250,
    call: (name) => ['DELETE', `/api-keys/${name}`],
    written: () => sql`SELECT name FROM api_keys WHERE status = 'revoked'`,
    action: 'api_key.delete',
  },
  'sandboxes made': {
    times: 400,
    call: (name) => ['POST', '/sandbox', { name, labels: { a: 'b' } }],
    written: () => sql`SELECT name FROM sandboxes WHERE name LIKE '%-made-%'`,
    action: 'sandbox.create',
  },
  'sandboxes labelled': {
    times: 250,
    call: (name) => ['PUT', `/sandbox/${name}/labels`, { labels: { changed: 'yes' } }],
    written: () => sql`SELECT name FROM sandboxes WHERE labels ->> 'changed' = 'yes'`,
    action: 'sandbox.update_labels',
    isRepeatable: true,
  },
  'volumes made': {
    times: 300,
    call: (name) => ['POST', '/volumes', { name }],
    written: () => sql`SELECT name FROM volumes`,
    action: 'volume.create',
  },
  'roles made': {
    times: 200,
    call: (name, id) => ['POST', `/organizations/${id}/roles`, { name, permissions: ['read:volumes'] }],
    written: () => sql`SELECT name FROM roles WHERE organization_id = ANY(${[...organizations]})`,
    action: 'role.create',
  },
}

interface Write {
  readonly kind: string
  readonly name: string
  readonly organization: OrganizationId
  readonly call: readonly [method: string, path: string, body?: object]
}

const writes: readonly Write[] = Object.entries(kinds)
  .flatMap(([kind, { times, call }]) =>
    Array.from({ length: times }, (_, at) => {
      const name = `${kind.replaceAll(' ', '-')}-${at}`
      const organization = organizations[at % 2] ?? organizations[0]
      return { kind, name, organization, call: call(name, organization) }
    }),
  )
  .map((write) => ({ write, at: Math.random() }))
  .sort((a, b) => a.at - b.at)
  .map(({ write }) => write)

/** Requests in flight at first. */
const MAX_IN_FLIGHT = 400
/** While writes are answered 503, there are fewer in flight, and no fewer than these. */
const MIN_IN_FLIGHT = 20

/** The status of a handler that took longer than allowed, as on a machine under load. Whether the write was done is unknown. */
const OVERDUE = 503
/** The statuses of a write that was done before: its name is taken, or what it deletes is gone. */
const DONE_BEFORE = [409, 404]

/** Longer than two processes take to start, and a database to finish, on a machine under load. */
const SLOW_MS = 60_000

describe(`kill -9 of API processes during ${writes.length} writes at once`, () => {
  it('loses nothing that was acknowledged, and leaves nothing half done', async (t) => {
    const [processes] = await Promise.all([
      Promise.all([1, 2].map(() => startProcess(t, { databaseUrl: url, env: GENEROUS }))),
      makeWhatIsChanged(),
    ])
    // Somewhere in the middle, wherever that is.
    const terminateAfter = Math.round(writes.length * (0.2 + 0.4 * Math.random()))
    const acknowledged = new Map<string, string>()
    const unexpected = new Set<number>()
    let terminated: Promise<unknown> | undefined
    const waiting = [...writes]
    const overdue = new Set<string>()
    let inFlight = MAX_IN_FLIGHT
    const work = async (_: unknown, worker: number) => {
      const origin = processes[worker % processes.length]?.url
      for (let write = waiting.shift(); write !== undefined; write = waiting.shift()) {
        const answer = await send(`${origin}`, write)
        if (answer === undefined) return
        if (answer.status === OVERDUE) {
          // Not acknowledged: it is sent again. With as many in flight as before, the next answers would be late, too.
          overdue.add(write.name)
          waiting.push(write)
          if (inFlight > MIN_IN_FLIGHT) {
            inFlight -= 1
            return
          }
          await delay(answer.retryAfterMs)
        } else if (answer.status < 300) acknowledged.set(write.name, answer.text)
        else if (!overdue.has(write.name) || !DONE_BEFORE.includes(answer.status)) unexpected.add(answer.status)
        if (acknowledged.size >= terminateAfter) terminated ??= Promise.all(processes.map(({ end }) => end()))
      }
    }
    await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, work))
    await terminated
    t.diagnostic(
      `${acknowledged.size} of ${writes.length} writes were acknowledged before the processes ended, ${overdue.size} were answered 503`,
    )
    assert.deepEqual(unexpected, new Set())
    assert.ok(acknowledged.size >= terminateAfter && acknowledged.size < writes.length)
    await untilNothingIsUnderWay()

    for (const [kind, { written, action, isRepeatable }] of Object.entries(kinds)) {
      const own = new Set(writes.filter((write) => write.kind === kind).map(({ name }) => name))
      const recorded = await sql<{ name: string }[]>`
        SELECT coalesce(metadata ->> 'keyName', metadata ->> 'name') AS name FROM audit_events WHERE action = ${action}`
      const all = recorded.map(({ name }) => name).filter((name) => own.has(name))
      const isRepetition = (name: string, at: number) => isRepeatable && overdue.has(name) && all.indexOf(name) < at
      const events = all.filter((name, at) => !isRepetition(name, at))
      const rows = (await written()).map(({ name }) => name)
      assert.deepEqual(rows.toSorted(), events.toSorted(), `${kind}: each with one event, and no event without it`)
      const present = new Set(rows)
      const lost = [...own].filter((name) => acknowledged.has(name) && !present.has(name))
      assert.deepEqual(lost, [], `${kind}: acknowledged and lost`)
    }
    const [parts] = await sql`
      SELECT count(*)::int AS half FROM api_keys k
      WHERE NOT EXISTS (SELECT FROM api_key_secrets s WHERE s.key_id = k.id)
        OR NOT EXISTS (SELECT FROM api_key_organizations o WHERE o.key_id = k.id)`
    assert.deepEqual(parts, { half: 0 })

    const keys = [...acknowledged.values()].flatMap((text) => VALUE.exec(text)?.[1] ?? []).slice(0, 50)
    const used = await Promise.all(keys.map(async (key) => (await request('GET', '/sandbox', key)).status))
    assert.deepEqual(new Set(used), new Set([200]))
    for (const organization of organizations) {
      const { body } = await request('GET', `/audit/organizations/${organization}/verify`, token)
      const { valid, events } = body as { valid: boolean; events: number }
      assert.ok(valid && events > 0)
      // The chain continues where it ended, and the terminated processes hold no lock.
      assert.equal((await request('POST', '/volumes', token, { organization, body: { name: 'after' } })).status, 200)
    }
  })
})

/** The answer, or undefined if the connection was cut, and nothing acknowledged. */
async function send(origin: string, { organization, call: [method, path, body] }: Write) {
  try {
    const answer = await fetch(origin + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-daytona-organization-id': organization,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const retryAfterMs = 1000 * Number(answer.headers.get('retry-after'))
    return { status: answer.status, text: await answer.text(), retryAfterMs }
  } catch {
    return undefined
  }
}

/** The keys and sandboxes that the writes change. */
async function makeWhatIsChanged() {
  const ofKind = (kind: string) => writes.filter((write) => write.kind === kind)
  await Promise.all(
    ofKind('api keys deleted').map(({ organization, name }) => ada.key(organization, ['read:volumes'], { name })),
  )
  const sandboxes = ofKind('sandboxes labelled').map(({ organization, name }) => ({
    id: newId('sbx'),
    organization_id: organization,
    name,
  }))
  await sql`INSERT INTO sandboxes ${sql(sandboxes)}`
}

/** The database continues with what the terminated processes had sent to it. */
const untilNothingIsUnderWay = () =>
  waitFor(async () => {
    const [row] = await sql`
      SELECT count(*)::int AS busy FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`
    return row?.['busy'] === 0
  }, SLOW_MS)
