import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { waitFor } from '@daytona-auth/testing'
import { world } from './world.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`

const { request, person, database, log, anotherApi } = await world({ after })
const ada = await person()
const { userId } = ada
const organizationId = await ada.organization()
const key = await ada.key(organizationId, ['read:sandboxes'])
const revoked = await ada.key(organizationId, ['read:sandboxes'])
await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked.id}`
const token = await ada.token()
const app = await ada.token({ scopes: ['openid', 'read:sandboxes'], organizationIds: [organizationId] })

type Line = Readonly<Record<string, unknown>>

/** Returns the log line of the request. */
async function lineOf(requestId: string | null): Promise<Line> {
  const lines = await waitFor(() => {
    const found = log.lines().filter((line) => line['requestId'] === requestId && 'durationMs' in line)
    return found.length > 0 && found
  })
  assert.equal(lines.length, 1)
  return lines[0] ?? {}
}

async function requestAndReadLine(...args: Parameters<typeof request>): Promise<Line> {
  const { headers } = await request(...args)
  const { time, durationMs, address, msg, service, level, requestId, ...members } = await lineOf(
    headers.get('x-request-id'),
  )
  assert.ok(typeof time === 'number' && typeof durationMs === 'number')
  assert.deepEqual([service, level, address, msg], ['api', 'info', '127.0.0.1', 'request answered'])
  assert.match(String(requestId), /^req_/)
  return members
}

const SANDBOX = { method: 'GET', path: '/sandbox', route: '/sandbox' }
const BY_KEY = { principal: 'api-key', keyId: key.id, userId, organizationId }

describe('the line of a request', () => {
  it('names the key, its owner and the organization', async () => {
    assert.deepEqual(await requestAndReadLine('GET', '/sandbox?secret=1', key.value), {
      ...SANDBOX,
      statusCode: 200,
      ...BY_KEY,
    })
  })

  it('names the app and the user of a token', async () => {
    const own = { principal: 'token', clientId: 'daytona-dashboard', userId, organizationId }
    const line = await requestAndReadLine('GET', '/sandbox', token.value, { organization: organizationId })
    assert.deepEqual(line, { ...SANDBOX, statusCode: 200, ...own })
    const third = { principal: 'token', clientId: 'third-party', userId, organizationId }
    assert.deepEqual(await requestAndReadLine('GET', '/sandbox', app.value), { ...SANDBOX, statusCode: 200, ...third })
  })

  it('identifies a refused caller as far as known', async () => {
    assert.deepEqual(await requestAndReadLine('POST', '/sandbox', key.value, { body: {} }), {
      ...SANDBOX,
      method: 'POST',
      statusCode: 403,
      why: 'lacks write:sandboxes',
      ...BY_KEY,
    })
    const { method, ...rest } = await requestAndReadLine('POST', '/snapshots', app.value, { body: {} })
    assert.deepEqual([method, rest['statusCode'], rest['clientId']], ['POST', 403, 'third-party'])
    const known = { principal: 'api-key', keyId: revoked.id }
    assert.deepEqual(await requestAndReadLine('GET', '/sandbox', revoked.value), {
      ...SANDBOX,
      statusCode: 401,
      why: 'revoked',
      ...known,
    })
    const denied: [credential: string | null, why: string][] = [
      [null, 'missing'],
      [mintKey().key, 'unknown'],
      [`${KEY_PREFIX}malformed`, 'malformed'],
      ['a.b.c', 'malformed'],
    ]
    for (const [credential, why] of denied) {
      assert.deepEqual(await requestAndReadLine('GET', '/sandbox', credential), { ...SANDBOX, statusCode: 401, why })
    }
  })

  it('has the reason of a rate limit, once', async () => {
    // Both requests in one minute of the clock.
    const instant = Date.now()
    const api = await anotherApi({ REQUESTS_PER_MINUTE: '1' }, { now: () => instant })
    await request('GET', '/sandbox', key.value, { api })
    const { headers } = await request('GET', '/sandbox', key.value, { api })
    const { statusCode, why, keyId } = await lineOf(headers.get('x-request-id'))
    assert.deepEqual([statusCode, why, keyId], [429, 'rate-limited', key.id])
    const lines = log.lines().filter(({ requestId }) => requestId === headers.get('x-request-id'))
    assert.equal(lines.length, 1)
  })

  it('identifies the caller of forward-auth', async () => {
    const verify = { method: 'GET', path: '/auth/verify', route: '/auth/verify' }
    const good = await requestAndReadLine('GET', '/auth/verify?permission=read:sandboxes', key.value)
    assert.deepEqual(good, { ...verify, statusCode: 200, ...BY_KEY })
    const bad = await requestAndReadLine('GET', '/auth/verify?permission=write:sandboxes', key.value)
    const { why, ...members } = bad
    assert.deepEqual(members, { ...verify, statusCode: 403, ...BY_KEY })
    assert.equal(typeof why, 'string')
  })

  it('has no route for an unknown path', async () => {
    assert.deepEqual(await requestAndReadLine('GET', '/nowhere', key.value), {
      method: 'GET',
      path: '/nowhere',
      statusCode: 404,
      why: 'not_found',
    })
  })

  it('has the trace id of a trusted proxy only', async () => {
    const headers = { traceparent: TRACEPARENT }
    assert.equal((await requestAndReadLine('GET', '/sandbox', key.value, { headers }))['traceId'], undefined)
    const api = await anotherApi({ TRUSTED_PROXIES: '127.0.0.1' })
    assert.equal((await requestAndReadLine('GET', '/sandbox', key.value, { headers, api }))['traceId'], TRACE)
    for (const traceparent of ['', 'x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `${TRACEPARENT}-01`]) {
      const forged = await requestAndReadLine('GET', '/sandbox', key.value, { headers: { traceparent }, api })
      assert.equal(forged['traceId'], undefined, traceparent)
    }
  })

  it('contains no secret', () => {
    for (const { value } of [key, revoked, token, app]) assert.ok(!log.text().includes(value))
    assert.ok(!log.text().includes('secret=1'))
  })
})
