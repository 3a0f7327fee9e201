import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, describe, it, type TestContext } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { world } from '../../../test/world.ts'

const { api, person, database, log } = await world({ after })
const sql = database.$client
const ada = await person('Ada')
const { value: token } = await ada.token()
const { personalOrganizationId: organization } = ada

/** 40 MB, far more than the socket buffers hold. */
const EVENTS = 10_000
await sql.begin(async (tx) => {
  await tx`SET LOCAL session_replication_role = replica` // without a chain, which this test does not need
  await tx`INSERT INTO audit_events (id, organization_id, action, source, sequence, created_at, metadata)
    SELECT 'evt_' || number, ${organization}, 'thing.make', 'test', number + 1, now() - number * interval '1 second',
      jsonb_build_object('text', repeat('x', 4000))
    FROM generate_series(1, ${EVENTS}) AS number`
})

/** Starts an export without reading its body. */
async function begin(t: TestContext): Promise<IncomingMessage> {
  const path = `/audit/organizations/${organization}/export?action=thing.make`
  const request = get(api.url + path, { headers: { authorization: `Bearer ${token}` }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  t.after(() => response.destroy())
  assert.equal(response.statusCode, 200)
  return response
}

/** Runs `then` while the audit trail is locked against reads. */
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

/** Whether the API does not read the trail for a moment. */
async function isIdle(): Promise<boolean> {
  await sql`SELECT pg_sleep(0.3)`
  return (await readers()) === 0
}

describe('an export whose reader is slow', () => {
  it('reads from the database only as the reader does', async (t) => {
    const response = await begin(t)
    await waitFor(() => withTrailLocked(isIdle))
    await withTrailLocked(async () => {
      response.resume()
      await waitFor(readers)
    })
    await once(response, 'end')
  })

  it('ends when the reader disconnects', async (t) => {
    const response = await begin(t)
    await waitFor(() => withTrailLocked(isIdle))
    await withTrailLocked(async () => {
      response.destroy()
      assert.ok(await isIdle())
    })
  })

  it('aborts when the caller loses access, even while the reader pauses', async (t) => {
    const response = await begin(t)
    await sql`UPDATE grants SET revoked_at = now() WHERE user_id = ${ada.userId}`
    await waitFor(() => log.text().includes('the caller has lost access'))
    // The reader then gets what was sent before, and no end.
    const ended = once(response.resume(), 'end')
    await assert.rejects(ended, /aborted/)
    assert.equal(response.complete, false)
  })
})
