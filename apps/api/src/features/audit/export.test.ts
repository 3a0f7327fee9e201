import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, describe, it, type TestContext } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { world } from '../../../test/world.ts'

const { api, person, database } = await world({ after })
const sql = database.$client
const ada = await person('Ada')
const { value: token } = await ada.token()
const { personalOrganizationId: organization } = ada

/** Far more than the sockets between us hold: 40 MB. */
const EVENTS = 10_000
await sql.begin(async (tx) => {
  await tx`SET LOCAL session_replication_role = replica` // without a chain: it is not asked for here
  await tx`INSERT INTO audit_events (id, organization_id, action, source, sequence, created_at, metadata)
    SELECT 'evt_' || number, ${organization}, 'thing.make', 'test', number + 1, now() - number * interval '1 second',
      jsonb_build_object('text', repeat('x', 4000))
    FROM generate_series(1, ${EVENTS}) AS number`
})

/** An export whose reader has not begun to read. */
async function begin(t: TestContext): Promise<IncomingMessage> {
  const path = `/audit/organizations/${organization}/export?action=thing.make`
  const request = get(api.url + path, { headers: { authorization: `Bearer ${token}` }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  t.after(() => response.destroy())
  assert.equal(response.statusCode, 200)
  return response
}

/** Runs `then` while nobody can read the trail: who tries to waits. */
const withTrailLocked = <T>(then: () => Promise<T>) =>
  sql.begin(async (tx) => {
    await tx`LOCK TABLE audit_events`
    return then()
  })

const readers = async () =>
  (
    await sql`SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'daytona-auth api' AND wait_event_type = 'Lock'`
  )[0]?.['waiting']

/** Whether the API leaves the trail alone for a moment. */
async function rests(): Promise<boolean> {
  await sql`SELECT pg_sleep(0.3)`
  return (await readers()) === 0
}

describe('an export whose reader is slow', () => {
  it('reads on only when the reader does', async (t) => {
    const response = await begin(t)
    await waitFor(() => withTrailLocked(rests), 20_000)
    await withTrailLocked(async () => {
      response.resume()
      await waitFor(readers)
    })
    await once(response, 'end')
  })

  it('ends when the reader goes away', async (t) => {
    const response = await begin(t)
    await waitFor(() => withTrailLocked(rests), 20_000)
    await withTrailLocked(async () => {
      response.destroy()
      assert.ok(await rests())
    })
  })

  it('breaks off when the caller may not read it any more, also while nobody reads', async (t) => {
    const response = await begin(t)
    await sql`UPDATE grants SET revoked_at = now() WHERE user_id = ${ada.userId}`
    // Longer than the server takes to ask again. Reading on finds what had been sent by then, and no end.
    await sql`SELECT pg_sleep(1.5)`
    const ended = once(response.resume(), 'end')
    await assert.rejects(ended, /aborted/)
    assert.equal(response.complete, false)
  })
})
