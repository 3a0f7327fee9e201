import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KnownKey } from '@daytona-auth/auth'
import { type ApiKeyId, newId, type OrganizationId } from '@daytona-auth/db/core'
import { type UsageBatch, usageRecorder } from './recorder.ts'

const HOUR_MS = 3_600_000
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
  const count = (...decision: Parameters<typeof recorder.count> extends [...infer Facts, number] ? Facts : never) =>
    recorder.count(...decision, clock.now)
  return { ...recorder, count, written, clock, broken }
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
          { digest: Uint8Array.of(1), usedAt: new Date(START), ip: '10.0.0.1' },
          { digest: Uint8Array.of(2), usedAt: new Date(START + 5), ip: '10.0.0.4' },
        ],
        hours: [
          { keyId: id, organizationId: organization, hour, allowed: 2, denied: 1 },
          { keyId: id, organizationId: other, hour, allowed: 1, denied: 0 },
          { keyId: id, organizationId: organization, hour: new Date(START + HOUR_MS), allowed: 0, denied: 1 },
        ],
      },
    ])
  })

  it('does not count a denial as a use of the secret', async () => {
    const { count, flush, written } = scene()
    count(key(), organization, 'denied', '10.0.0.1')
    await flush()
    assert.deepEqual(written[0]?.uses, [])
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
      written[0]?.uses.map(({ ip }) => ip),
      ['10.0.0.2'],
    )
  })
})
