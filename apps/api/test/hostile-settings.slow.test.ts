import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { connectionOptions } from '@daytona-auth/db/core'
import type { RunningApi } from '../src/start.ts'
import { world } from './world.ts'

/**
 * The first requests of a deployment, with foreign settings of the database or the role. The test of the same name in
 * packages/db tries every setting of PostgreSQL on the statements alone.
 */

const limits = { REQUESTS_PER_MINUTE: '100000', API_KEYS_PER_OWNER: '10000' }
const { request, person, database, anotherApi } = await world({ after }, limits)
const sql = database.$client
const [{ name } = { name: '' }] = await sql<{ name: string }[]>`SELECT current_database() AS name`
await sql.unsafe('CREATE SCHEMA hostile; CREATE TABLE hostile.api_keys (); CREATE TABLE hostile.users ()')

const ada = await person('Ádá "Lovelace" \\')
const organization = await ada.organization()
const { value: token } = await ada.token()

const HOSTILE: readonly (readonly [name: string, ...values: string[]])[] = [
  ['bytea_output', 'escape'],
  ['DateStyle', 'German', 'SQL, DMY', 'Postgres, YMD'],
  ['IntervalStyle', 'sql_standard', 'iso_8601'],
  ['TimeZone', 'Asia/Kathmandu', 'America/St_Johns'],
  ['extra_float_digits', '-15'],
  ['client_encoding', 'LATIN1', 'SQL_ASCII'],
  ['search_path', 'hostile, pg_catalog', 'pg_temp'],
  ['standard_conforming_strings', 'off'],
  ['array_nulls', 'off'],
  ['transform_null_equals', 'on'],
  ['row_security', 'off'],
  ['xmloption', 'document'],
  ['default_transaction_isolation', 'serializable', 'repeatable read'],
  ['default_transaction_deferrable', 'on'],
  ['statement_timeout', '1'],
  ['lock_timeout', '1'],
  ['idle_in_transaction_session_timeout', '1'],
  ['idle_session_timeout', '1'],
  ['client_connection_check_interval', '1'],
  ['client_min_messages', 'debug5'],
  ['default_table_access_method', 'heap'],
  ['check_function_bodies', 'off'],
  ['exit_on_error', 'on'],
]
/** Settings of `HOSTILE` whose values are lists of identifiers. */
const LISTS = new Set(['search_path'])
const PLACES = [`DATABASE ${name}`, `ROLE postgres IN DATABASE ${name}`]
/** Concurrent requests that each change the organization. */
const WRITES = 12

const ACTIONS = ['api_key.create', 'api_key.rotate', 'api_key.delete', 'sandbox.create']

let journeys = 0

/** Creates, uses, rotates, revokes and lists keys, and reads their events. Returns what is equal in all runs. */
async function journey(api: RunningApi) {
  journeys += 1
  const key = `Kłucz "${journeys}" \\`
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  const send = async (method: string, path: string, credential = token, body?: unknown) => {
    const { status, body: answer } = await request(method, path, credential, {
      api,
      organization,
      ...(body !== undefined && { body }),
    })
    return { status, answer: answer as Record<string, unknown> }
  }
  const path = `/api-keys/${encodeURIComponent(key)}`
  const permissions = ['read:sandboxes', 'write:sandboxes']
  const created = await send('POST', '/api-keys', token, { name: key, permissions, expiresAt })
  const first = String(created.answer['value'])
  const used = await send('GET', '/api-keys/current', first)
  const sandbox = await send('POST', '/sandbox', first, { name: `box-${journeys}`, labels: { ü: 'back\\slash' } })
  const rotated = await send('POST', `${path}/rotate`, token, { gracePeriodSeconds: 60 })
  const second = String(rotated.answer['value'])
  const underGrace = await send('GET', '/api-keys/current', first)
  const listed = (await send('GET', '/api-keys')).answer as unknown as readonly Record<string, unknown>[]
  const simultaneous = await Promise.all(
    Array.from({ length: WRITES }, (_, at) =>
      send('POST', '/api-keys', token, {
        name: `writer ${journeys}-${at}`,
        permissions: ['read:sandboxes'],
        expiresAt,
      }),
    ),
  )
  const revoked = await send('DELETE', path)
  const refused = await Promise.all([first, second].map((value) => send('GET', '/api-keys/current', value)))
  const { answer: trail } = await send('GET', `/audit/organizations/${organization}?limit=30`)
  const events = (trail['items'] ?? trail['events'] ?? []) as readonly Record<string, unknown>[]
  const { answer: chain } = await send('GET', `/audit/organizations/${organization}/verify`)
  const isRecent = (instant: unknown) => Math.abs(Date.parse(String(instant)) - Date.now()) < 60_000
  const found = listed.find((one) => one['name'] === key)
  return {
    statuses: [created, used, sandbox, rotated, underGrace, revoked, ...refused].map(({ status }) => status),
    isNamed: [created, used, rotated].map(({ answer }) => answer['name'] === key),
    expiries: [created.answer, used.answer, found].map((one) => one?.['expiresAt'] === expiresAt),
    permissions: found?.['permissions'],
    createdAt: [created.answer['createdAt'], found?.['createdAt'], sandbox.answer['createdAt']].map(isRecent),
    labels: sandbox.answer['labels'],
    simultaneous: [...new Set(simultaneous.map(({ status }) => status))],
    actions: ACTIONS.filter((action) => events.some((event) => event['action'] === action)),
    isRecorded: events.length > 0 && events.every(({ createdAt }) => isRecent(createdAt)),
    chain: Object.fromEntries(Object.entries(chain).filter(([, value]) => typeof value === 'boolean')),
  }
}

describe('a setting of the database or the role', async () => {
  const usual = await journey(await anotherApi())

  it('is compared with a run that succeeds', (t) => {
    t.diagnostic(JSON.stringify(usual))
    assert.deepEqual(usual.statuses, [201, 200, 200, 201, 200, 204, 401, 401])
    assert.deepEqual(usual.simultaneous, [201])
    assert.deepEqual(usual.actions, ACTIONS)
    assert.ok(usual.isRecorded)
  })

  it('is tested for each setting of our sessions', () => {
    const tried = new Set(HOSTILE.map(([setting]) => setting))
    const { connection = {} } = connectionOptions('postgres://h/d', { applicationName: 'test' })
    const untried = Object.keys(connection).filter((setting) => !tried.has(setting))
    assert.deepEqual(untried, ['application_name'])
  })

  for (const [setting, ...values] of HOSTILE) {
    for (const [at, value] of values.entries()) {
      const place = PLACES[(at + setting.length) % PLACES.length] ?? ''
      it(`${setting} = ${value} of the ${place.split(' ')[0]?.toLowerCase()} changes nothing`, async () => {
        await sql.unsafe(`ALTER ${place} SET ${setting} = ${LISTS.has(setting) ? value : `'${value}'`}`)
        try {
          const api = await anotherApi()
          assert.deepEqual(await journey(api), usual)
          await api.close()
        } finally {
          await sql.unsafe(`ALTER ${place} RESET ${setting}`)
        }
      })
    }
  }
})
