import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { KnownKey } from '@daytona-auth/auth'
import type { KeyDenial } from '@daytona-auth/db/api-keys'
import { newId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import type { FastifyRequest } from 'fastify'
import { world } from '../../../test/world.ts'
import { denialRecorder } from './denial-recorder.ts'

function scene() {
  const written: KeyDenial[] = []
  const clock = { now: Date.UTC(2030, 0, 1) }
  const broken = { is: false }
  const { note, flush } = denialRecorder({
    write: async (denials) => {
      if (broken.is) throw new Error('database is down')
      written.push(...denials.map((denial) => ({ ...denial })))
    },
    now: () => clock.now,
  })
  // Only the members that the recorder reads.
  const request = { method: 'GET', ip: '::1', headers: {}, routeOptions: { url: '/x' } } as unknown as FastifyRequest
  const refuse = (key: KnownKey, organization = key.homeOrganizationId, statusCode = 403) =>
    note(key, organization, { statusCode, message: 'No', cause: 'why' }, request)
  return { refuse, flush, written, clock, broken }
}

const key = (): KnownKey => ({ keyId: newId('key'), homeOrganizationId: newId('org'), secretDigest: Uint8Array.of(1) })

describe('denialRecorder', () => {
  it('writes one denial per key, organization and minute, with their count', async () => {
    const { refuse, flush, written, clock } = scene()
    const [one, two] = [key(), key()]
    const other = newId('org')
    for (let times = 0; times < 1000; times += 1) refuse(one)
    refuse(one, one.homeOrganizationId, 401)
    refuse(one, other)
    refuse(two)
    await flush()
    refuse(two)
    await flush()
    clock.now += 60_000
    refuse(two)
    await flush()
    const common = { statusCode: 403, errorMessage: 'No', reason: 'why', method: 'GET', route: '/x', ipAddress: '::1' }
    const of = (
      { keyId, secretDigest, homeOrganizationId }: KnownKey,
      organizationId = homeOrganizationId,
      count = 1,
    ) => ({
      keyId,
      secretDigest,
      organizationId,
      ...common,
      userAgent: null,
      count,
    })
    assert.deepEqual(written, [of(one, one.homeOrganizationId, 1001), of(one, other), of(two), of(two)])
  })

  it('keeps denials that cannot be written, within bounds', async () => {
    const { refuse, flush, written, broken } = scene()
    broken.is = true
    for (let keys = 0; keys < 10_100; keys += 1) refuse(key())
    await assert.rejects(flush(), /database is down/)
    broken.is = false
    await Promise.all([flush(), flush()])
    assert.equal(written.length, 10_000)
  })
})

describe('a refused request with a known key', () => {
  it('is in the trail of its own organization within seconds, with the key’s name', async () => {
    const { request, person, database } = await world({ after })
    const ada = await person('Ada')
    const { value: token } = await ada.token()
    const organization = await ada.organization()
    const foreign = (await person('Bob')).personalOrganizationId
    const weak = await ada.key(organization, ['read:volumes'], { name: 'weak' })
    const revoked = await ada.key(organization, ['read:volumes'], { name: 'revoked' })
    await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked.id}`
    const headers = { 'user-agent': 'curl/8' }
    for (let times = 0; times < 20; times += 1) await request('GET', '/sandbox?x=1', weak.value, { headers })
    await request('GET', '/sandbox', revoked.value, { headers, organization: foreign })

    const path = `/audit/organizations/${organization}?action=api_key.refuse`
    const items = await waitFor(async () => {
      const { body } = await request('GET', path, token)
      const found = (body as { items: Record<string, unknown>[] }).items
      return [weak, revoked].every(({ id }) => found.some(({ targetId }) => targetId === id)) && found
    }, 10_000)
    const expected = [
      [weak, 403, 'Insufficient permissions', 'lacks read:sandboxes'],
      [revoked, 401, 'Invalid or expired API key', 'revoked'],
    ] as const
    for (const [made, statusCode, errorMessage, reason] of expected) {
      const item = items.find(({ targetId }) => targetId === made.id)
      assert.ok(item)
      const { count } = item['metadata'] as { count: number }
      assert.ok(count >= 1 && count <= 20)
      assert.deepEqual(item, {
        id: item['id'],
        createdAt: item['createdAt'],
        organizationId: organization,
        actorId: ada.userId,
        actorEmail: ada.email,
        actorApiKeyPrefix: made.value.slice(0, 8),
        actorApiKeySuffix: made.value.slice(-4),
        action: 'api_key.refuse',
        targetType: 'api_key',
        targetId: made.id,
        statusCode,
        errorMessage,
        ipAddress: '127.0.0.1',
        userAgent: 'curl/8',
        source: 'api-key',
        metadata: { keyId: made.id, keyName: made.name, reason, method: 'GET', route: '/sandbox', count },
      })
    }
    const [event] = await database.$client`
      SELECT count(*)::int FROM audit_events WHERE organization_id = ${foreign} AND action = 'api_key.refuse'`
    assert.equal(event?.['count'], 0)
  })
})
