import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KnownKey } from '@daytona-auth/auth'
import { type ApiKeyId, newId, type OrganizationId } from '@daytona-auth/db/core'
import type { FastifyRequest } from 'fastify'
import { type UsageBatch, usageRecorder } from './recorder.ts'

const HOUR_MS = 3_600_000
const ROUTE = { method: 'GET', url: '/sandbox' }
const START = Date.UTC(2030, 0, 1, 12)

function scene() {
  const written: UsageBatch[] = []
  const clock = { now: START }
  const broken = { is: false }
  const recorder = usageRecorder({
    write: async (batch) => {
      if (broken.is) throw new Error('database is down')
      written.push(batch)
    },
    now: () => clock.now,
  })
  type Decision = Parameters<typeof recorder.count>
  const count = (key: Decision[0], organizationId: Decision[1], verdict: Decision[2], address: string) =>
    recorder.count(key, organizationId, verdict, address, clock.now, ROUTE)
  const deny = (key: Decision[0], organizationId: Decision[1], address: string) =>
    recorder.deny(key, organizationId, address, ROUTE)
  return { ...recorder, count, deny, written, clock, broken }
}

const key = (keyId: ApiKeyId = newId('key'), digest = 1): KnownKey => ({
  keyId,
  homeOrganizationId: newId('org'),
  secretDigest: Uint8Array.of(digest),
})
const organization: OrganizationId = newId('org')

describe('usageRecorder', () => {
  it('writes nothing without counts', async () => {
    const { flush, written } = scene()
    await flush()
    assert.deepEqual(written, [])
  })

  it('writes one row for each secret and one for each key, organization and hour', async () => {
    const { count, flush, written, clock } = scene()
    const id = newId('key')
    const [old, current] = [key(id, 1), key(id, 2)]
    const other = newId('org')
    count(old, organization, 'allowed', '10.0.0.1')
    clock.now += 5
    count(current, organization, 'allowed', '10.0.0.2')
    count(current, organization, 'denied', '10.0.0.3')
    count(current, other, 'allowed', '10.0.0.4')
    clock.now = START + HOUR_MS
    count(current, organization, 'denied', '10.0.0.5')
    await flush()
    await flush()
    const hour = new Date(START)
    assert.deepEqual(written, [
      {
        uses: [
          {
            digest: Uint8Array.of(1),
            used: { at: new Date(START), ip: '10.0.0.1', route: 'GET /sandbox' },
            denied: null,
          },
          {
            digest: Uint8Array.of(2),
            used: { at: new Date(START + 5), ip: '10.0.0.4', route: 'GET /sandbox' },
            denied: { at: new Date(START + HOUR_MS), ip: '10.0.0.5', reason: null },
          },
        ],
        hours: [
          { keyId: id, organizationId: organization, hour, allowed: 2, denied: 1, deniedBy: {} },
          { keyId: id, organizationId: other, hour, allowed: 1, denied: 0, deniedBy: {} },
          {
            keyId: id,
            organizationId: organization,
            hour: new Date(START + HOUR_MS),
            allowed: 0,
            denied: 1,
            deniedBy: {},
          },
        ],
      },
    ])
  })

  it('keeps the last denial with its reason apart from the last use', async () => {
    const { count, explain, deny, flush, written, clock } = scene()
    const [one, other] = [key(newId('key'), 1), key(newId('key'), 2)]
    const lacking = { statusCode: 403, message: '', cause: 'lacks write:sandboxes' }
    const request = {} as FastifyRequest
    count(one, organization, 'denied', '10.0.0.1')
    explain(one, organization, { ...lacking, cause: 'expired' }, request)
    clock.now += 7
    count(one, organization, 'denied', '10.0.0.1')
    explain(one, organization, lacking, request)
    explain(key(), organization, lacking, request)
    count(other, organization, 'allowed', '10.0.0.2')
    clock.now += 1
    deny(other, organization, '10.0.0.2')
    explain(other, organization, { ...lacking, cause: new Error('other') }, request)
    await flush()
    assert.deepEqual(written[0]?.uses, [
      {
        digest: Uint8Array.of(1),
        used: null,
        denied: { at: new Date(START + 7), ip: '10.0.0.1', reason: 'lacks write:sandboxes' },
      },
      {
        digest: Uint8Array.of(2),
        used: { at: new Date(START + 7), ip: '10.0.0.2', route: 'GET /sandbox' },
        denied: { at: new Date(START + 8), ip: '10.0.0.2', reason: null },
      },
    ])
  })

  it('counts denied requests by their reason in each organization, and further reasons together', async () => {
    const { count, explain, flush, written, broken } = scene()
    const one = key()
    const other = newId('org')
    const denied = (organizationId: OrganizationId, cause: unknown) => {
      count(one, organizationId, 'denied', '10.0.0.1')
      explain(one, organizationId, { statusCode: 403, message: '', cause }, {} as FastifyRequest)
    }
    denied(organization, 'lacks write:sandboxes')
    denied(organization, 'lacks write:sandboxes')
    denied(organization, 'rate-limited')
    denied(organization, undefined)
    for (let n = 1; n <= 20; n += 1) denied(other, `reason ${n}`)
    broken.is = true
    await assert.rejects(flush())
    broken.is = false
    denied(organization, 'lacks write:sandboxes')
    denied(other, 'reason 1')
    denied(other, 'reason 21')
    await flush()
    const [here, there] = written[0]?.hours ?? []
    assert.deepEqual(here?.deniedBy, { 'lacks write:sandboxes': 3, 'rate-limited': 1, other: 1 })
    assert.deepEqual([there?.denied, Object.keys(there?.deniedBy ?? {}).length], [22, 17])
    assert.deepEqual([there?.deniedBy['reason 1'], there?.deniedBy['other']], [2, 5])
  })

  it('recounts an allowed request as denied, within the same hour only', async () => {
    const { count, deny, flush, written, clock } = scene()
    const one = key()
    clock.now += HOUR_MS / 2
    count(one, organization, 'allowed', '10.0.0.1')
    deny(one, organization, '10.0.0.1')
    count(one, organization, 'allowed', '10.0.0.1')
    await flush()
    deny(one, organization, '10.0.0.1')
    await flush()
    count(one, organization, 'allowed', '10.0.0.1')
    clock.now = START + HOUR_MS
    deny(one, organization, '10.0.0.1')
    await flush()
    assert.deepEqual(
      written.flatMap(({ hours }) => hours.map(({ allowed, denied }) => [allowed, denied])),
      [
        [1, 1],
        [-1, 1],
        [1, 0],
        [0, 1],
      ],
    )
  })

  it('keeps counts that could not be written and adds to them', async () => {
    const { count, flush, written, broken } = scene()
    const one = key()
    count(one, organization, 'allowed', '10.0.0.1')
    count(one, organization, 'denied', '10.0.0.1')
    broken.is = true
    await assert.rejects(flush())
    count(one, organization, 'allowed', '10.0.0.2')
    broken.is = false
    await flush()
    assert.equal(written.length, 1)
    assert.deepEqual(
      written[0]?.hours.map(({ allowed }) => allowed),
      [2],
    )
    assert.deepEqual(
      written[0]?.uses.map(({ used, denied }) => [used?.ip, denied]),
      [['10.0.0.2', { at: new Date(START), ip: '10.0.0.1', reason: null }]],
    )
  })
})
