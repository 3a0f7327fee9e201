import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { waitFor } from '@daytona-auth/testing'
import { world } from './world.ts'

/** Trusts the tests as a proxy, and limits unknown credentials immediately. */
const { request, person, database, anotherApi } = await world({ after }, { TRUSTED_PROXIES: '127.0.0.0/8' })
const ada = await person()
const { value: token } = await ada.token()

/** The headers in which a load balancer names one client with a different port on each connection. */
const WRITINGS: readonly [what: string, headers: (connection: number) => Record<string, string>][] = [
  ['203.0.113.8:port', (n) => ({ 'x-forwarded-for': `203.0.113.8:${40_000 + n}` })],
  ['[2001:db8::n]:port', (n) => ({ 'x-forwarded-for': `[2001:db8::${n.toString(16)}]:${40_000 + n}` })],
  ['Forwarded: for="203.0.113.9:port"', (n) => ({ forwarded: `for="203.0.113.9:${40_000 + n}";proto=https` })],
]

describe('the address of a client behind a proxy', () => {
  for (const [what, headers] of WRITINGS) {
    it(`counts as one for limits in any form: ${what}`, async () => {
      // A clock that stands still: a slow machine gets no more look-ups than a fast one.
      const api = await anotherApi({}, { monotonicNow: () => 0 })
      const statuses: number[] = []
      for (let connection = 1; connection <= 75; connection++) {
        const { status } = await request('GET', '/users/me', mintKey().key, { api, headers: headers(connection) })
        statuses.push(status)
      }
      // Those of the minute, and the ten of a second.
      assert.deepEqual(statuses, [...Array(70).fill(401), ...Array(5).fill(429)])
    })
  }

  it('has no port in the audit trail, and is the proxy if that does not know the client', async () => {
    const cases: [headers: Record<string, string>, address: string][] = [
      [{ 'x-forwarded-for': '203.0.113.77:51234' }, '203.0.113.77'],
      [{ 'x-forwarded-for': '[2001:db8::77]:443' }, '2001:db8::77'],
      [{ 'x-forwarded-for': '198.51.100.1, 203.0.113.78:1' }, '203.0.113.78'],
      [{ 'x-forwarded-for': 'unknown' }, '127.0.0.1'],
      [{ 'x-forwarded-for': ' , ' }, '127.0.0.1'],
      [{ forwarded: 'for="[2001:db8::79]:4711"' }, '2001:db8::79'],
    ]
    for (const [index, [headers, address]] of cases.entries()) {
      const name = `Organization ${index}`
      // The new organization of the round before evicts the token, and the tests above have used up the look-ups of the proxy.
      const { status, body } = await waitFor(async () => {
        const answer = await request('POST', '/organizations', token, { headers, body: { name } })
        return answer.status === 429 ? undefined : answer
      })
      assert.equal(status, 201)
      const id = (body as { id: string }).id
      const seen = async () =>
        (await database.$client`SELECT ip_address FROM audit_events WHERE organization_id = ${id}`)[0]?.['ip_address']
      await waitFor(async () => (await seen()) !== undefined)
      assert.equal(await seen(), address, JSON.stringify(headers))
    }
  })
})

describe('an empty organization header', () => {
  it('counts as absent', async () => {
    const bob = await person('Bob')
    const { value: key } = await bob.key(bob.personalOrganizationId, ['read:sandboxes'])
    for (const headers of [{}, { 'x-daytona-organization-id': '' }]) {
      assert.equal((await request('GET', '/sandbox', key, { headers })).status, 200)
    }
    const path = `/organizations/${bob.personalOrganizationId}`
    const { value } = await bob.token()
    assert.equal((await request('GET', path, value, { headers: { 'x-daytona-organization-id': '' } })).status, 200)
  })
})

describe('filters of the audit trail', () => {
  it('compare e-mail addresses like accounts, and refuse `from` after `to`', async () => {
    const carol = await person('Carol')
    const { value } = await carol.token()
    const created = await request('POST', '/organizations', value, { body: { name: 'Audited' } })
    const organization = (created.body as { id: string }).id
    const trail = `/audit/organizations/${organization}`
    const ask = (query: Record<string, string>) => request('GET', `${trail}?${new URLSearchParams(query)}`, value)
    for (const address of [carol.email, carol.email.toUpperCase(), ` ${carol.email} `]) {
      for (const name of ['actorEmail', 'actorEmail[in]']) {
        const { status, body } = await ask({ [name]: address })
        assert.deepEqual([status, (body as { total: number }).total >= 1], [200, true], `${name}=${address}`)
      }
      assert.equal(((await ask({ 'actorEmail[not]': address })).body as { total: number }).total, 0)
    }
    const [from, to] = ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z']
    const refused = await ask({ from, to })
    assert.equal(refused.status, 400)
    assert.equal((refused.body as { error: string }).error, 'from: must not be after to')
    assert.equal((await request('GET', `${trail}/export?from=${from}&to=${to}`, value)).status, 400)
    assert.equal((await ask({ from: to, to: from })).status, 200)
  })
})

describe('a preflight', () => {
  it('allows the headers of the stock browser clients', async () => {
    const names = [
      'authorization',
      'content-type',
      'x-daytona-organization-id',
      'x-daytona-source',
      'x-daytona-sdk-version',
    ]
    const { status, headers } = await request('OPTIONS', '/sandbox', null, {
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': names.join(),
      },
    })
    const allowed = (headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/,\s*/)
    assert.equal(status, 204)
    assert.deepEqual(
      names.filter((name) => !allowed.includes(name)),
      [],
    )
  })
})
