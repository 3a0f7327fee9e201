import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as send } from 'node:http'
import { after, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { startProcess } from './api-process.ts'
import { world } from './world.ts'

const EXPIRED = 40_000
const IN_FLIGHT = 16

const { url, database, person } = await world({ after }, { REQUESTS_PER_MINUTE: '100000' })
const { $client: sql } = database
const ada = await person()
const { value: token } = await ada.token()

const expiredLeft = async (): Promise<number> => {
  const [row] = await sql`SELECT count(*)::int AS n FROM api_keys WHERE status = 'active' AND expires_at < now()`
  return row?.['n'] ?? -1
}

it('answers pending requests at SIGTERM while tens of thousands of keys wait to be expired', async (t) => {
  const [home, user] = [await ada.organization('Crowded'), newId('usr')]
  await sql`INSERT INTO users (id, email, name) VALUES (${user}, 'crowd@example.com', 'Crowd')`
  await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${home}, ${user}, 'member')`
  await sql.unsafe(`SET session_replication_role = replica;
    INSERT INTO api_keys (id, organization_id, user_id, name, permissions, expires_at)
    SELECT 'key_crowd' || n, '${home}', '${user}', 'crowd ' || n, '{}', now() - interval '1 hour' FROM generate_series(1, ${EXPIRED}) n;
    INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
    SELECT id, organization_id, user_id, name FROM api_keys WHERE user_id = '${user}';
    RESET session_replication_role`)
  const { url: origin, terminate } = await startProcess(t, { databaseUrl: url })

  const requests = Array.from({ length: IN_FLIGHT }, (_, at) => held(origin, home, `in flight ${at}`))
  for (const { reachedServer } of requests) await reachedServer
  assert.ok((await expiredLeft()) > 0, 'the task was done before the signal')
  const { exitCode } = await terminate()
  for (const { request, rest } of requests) request.end(rest)
  const statuses = await Promise.all(requests.map(({ status }) => status))

  assert.deepEqual(statuses, Array(IN_FLIGHT).fill(201))
  assert.equal(await exitCode, 0)
  const [made] = await sql`SELECT count(*)::int AS n FROM api_keys WHERE name LIKE 'in flight %'`
  assert.equal(made?.['n'], IN_FLIGHT)
  const [half] = await sql`
    SELECT (SELECT count(*) FROM api_keys WHERE user_id = ${user} AND status = 'expired')::int AS expired,
      (SELECT count(*) FROM audit_events WHERE action = 'api_key.expire')::int AS events`
  assert.equal(half?.['expired'], half?.['events'])
  t.diagnostic(`${half?.['expired']} of ${EXPIRED} keys were expired before the signal`)
})

/** Sends a creation without the end of its body. */
function held(origin: string, organization: string, name: string) {
  const body = JSON.stringify({ name, permissions: ['read:sandboxes'] })
  const request: ClientRequest = send(`${origin}/api-keys`, {
    agent: false,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-daytona-organization-id': organization,
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  })
  // The server has read the headers once it requests the body.
  const reachedServer = once(request, 'continue').then(() => request.write(body.slice(0, -1)))
  request.flushHeaders()
  const status = once(request, 'response').then(([response]: IncomingMessage[]) => {
    response?.resume()
    return response?.statusCode
  })
  return { request, rest: body.slice(-1), reachedServer, status }
}
