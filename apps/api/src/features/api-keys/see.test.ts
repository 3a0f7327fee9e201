import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { maskKey } from '@daytona-auth/protocol/api-key-format'
import { FORBIDDEN_IN_NAMES } from '@daytona-auth/protocol/names'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { assertOneSucceeded, sendSimultaneously } from '../../../test/simultaneous.ts'
import { errorBody, FORBIDDEN, type TestKey, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: owner } = await ada.token()
const bob = await person('Bob')
await bob.join(organization, ['read:sandboxes'])
const { value: member } = await bob.token()
const adas = await ada.key(organization, ['read:sandboxes'], { name: 'adas' })
const adasAdmin = await ada.key(organization, ['admin:organization'], { name: 'adas admin' })
const bobs = await bob.key(organization, ['read:sandboxes'], { name: 'bobs' })
const thirdParty = await ada.token({ scopes: ['read:sandboxes'], organizationIds: [organization] })
const adminApp = await bob.token({ scopes: ['admin:organization'], organizationIds: [organization] })
const ownerApp = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] })

const NOT_FOUND = errorBody(404, 'Not Found', 'API key not found')
const get = (path: string, credential: string, asked = {}) =>
  request('GET', path, credential, { organization, ...asked })
const names = (body: unknown) => (body as { name: string }[]).map(({ name }) => name)

const wire = async ({ id, name, value }: TestKey, permissions: string[], userId: string) => {
  const [row] = await database.$client`SELECT to_json(created_at)#>>'{}' AS at FROM api_keys WHERE id = ${id}`
  return {
    id,
    name,
    description: '',
    createdAt: new Date(row?.['at']).toISOString(),
    permissions,
    expiresAt: null,
    status: 'active',
    organizationIds: [organization],
    value: maskKey(value),
    userId,
    organizationId: organization,
    lastUsedAt: null,
    lastSeenAt: null,
    lastOutcome: null,
    lastSeenIp: null,
    lastDenialReason: null,
    previousSecrets: [],
  }
}

describe('GET /api-keys', () => {
  it('shows a member their own keys', async () => {
    assert.deepEqual((await get('/api-keys', member)).body, [await wire(bobs, ['read:sandboxes'], bob.userId)])
  })

  for (const [who, credential] of Object.entries({
    'an owner': owner,
    'a key with admin:organization': adasAdmin.value,
    'an app with admin:organization of an owner': ownerApp.value,
  })) {
    it(`shows ${who} every member’s keys, newest first`, async () => {
      assert.deepEqual(names((await get('/api-keys', credential)).body), ['bobs', 'adas admin', 'adas'])
    })
  }

  it('shows a key without admin:organization itself', async () => {
    assert.deepEqual(names((await get('/api-keys', adas.value)).body), ['adas'])
  })

  it('refuses a third-party app without admin:organization, and one whose user is no administrator', async () => {
    for (const { value } of [thirdParty, adminApp]) {
      const answer = await get('/api-keys', value)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
  })

  it('has active keys, and with status=all expired and revoked ones too', async () => {
    const carol = await person('Carol')
    await carol.join(organization, ['read:sandboxes'])
    const { value } = await carol.token()
    await carol.key(organization, ['read:sandboxes'], { name: 'live' })
    await carol.key(organization, ['read:sandboxes'], { name: 'old', expiresAt: new Date(Date.now() - 1) })
    await carol.key(organization, ['read:sandboxes'], { name: 'gone' })
    await request('DELETE', '/api-keys/gone', value, { organization })
    const statuses = async (query: string) =>
      ((await get(`/api-keys${query}`, value)).body as { name: string; status: string }[]).map(
        ({ name, status }) => `${name} ${status}`,
      )
    assert.deepEqual(await statuses(''), ['live active'])
    assert.deepEqual(await statuses('?status=active'), ['live active'])
    assert.deepEqual(await statuses('?status=all'), ['gone revoked', 'old expired', 'live active'])
  })

  it('refuses another status', async () => {
    const message = 'must be one of active, expiring, unused, expired, revoked, all'
    assert.deepEqual((await get('/api-keys?status=unknown', owner)).body, {
      ...errorBody(400, 'Bad Request', `status: ${message}`),
      details: [{ path: 'status', message }],
    })
  })

  it('refuses an organization outside access like an unknown one', async () => {
    for (const foreign of [bob.personalOrganizationId, 'org_unknown', '%00']) {
      const answer = await get('/api-keys', owner, { organization: foreign })
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
  })
})

describe('GET /api-keys/{name}', () => {
  it('finds the caller’s own active key of that name', async () => {
    // A key that no test above sends: the time of its last use is recorded a moment later.
    assert.deepEqual((await get('/api-keys/bobs', member)).body, await wire(bobs, ['read:sandboxes'], bob.userId))
  })

  it('answers alike to an unknown name and to another user’s, a revoked and an expired key', async () => {
    await ada.key(organization, ['read:sandboxes'], { name: 'expired', expiresAt: new Date(Date.now() - 1) })
    await ada.key(organization, ['read:sandboxes'], { name: 'revoked' })
    await request('DELETE', '/api-keys/revoked', owner, { organization })
    for (const name of ['unknown', 'bobs', 'revoked', 'expired', 'ADAS']) {
      const answer = await get(`/api-keys/${name}`, owner)
      assert.deepEqual([answer.status, answer.text], [404, JSON.stringify(NOT_FOUND)])
    }
  })

  it('shows a key without admin:organization itself and nothing else of its owner’s', async () => {
    assert.equal((await get('/api-keys/adas', adas.value)).status, 200)
    assert.deepEqual((await get(`/api-keys/${encodeURIComponent('adas admin')}`, adas.value)).body, NOT_FOUND)
  })

  it('refuses a third-party app without admin:organization', async () => {
    assert.deepEqual((await get('/api-keys/adas', thirdParty.value)).body, FORBIDDEN)
  })

  it('finds a name with any of its characters percent-encoded', async () => {
    for (const name of ['a/b', 'a%2Fb', '100%', '?#&=+', 'ü 🔑', 'x'.repeat(128), '🔑'.repeat(128), '.x', 'rotate']) {
      await ada.key(organization, ['read:sandboxes'], { name })
      const answer = await get(`/api-keys/${encodeURIComponent(name)}`, owner)
      assert.deepEqual([answer.status, (answer.body as { name: string }).name], [200, name])
      const path = `/api/api-keys/${[...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`
      assert.equal((await request('DELETE', path, owner, { organization })).status, 204, name)
    }
  })
})

describe('a name', () => {
  it('is found, rotated and deleted with any characters in it', async () => {
    const name = fc
      .oneof(unicodeString(), fc.string({ unit: 'grapheme' }), fc.string())
      .map((text) => text.toWellFormed().replaceAll(new RegExp(FORBIDDEN_IN_NAMES, 'gu'), '').trim())
      .filter((text) => text.normalize('NFC').trim() !== '' && !['.', '..', 'current'].includes(text))
    await fc.assert(
      fc.asyncProperty(name, async (given) => {
        const body = { name: given, permissions: ['read:sandboxes'] }
        const made = await request('POST', '/api-keys', owner, { organization, body })
        assert.equal(made.status, 201, made.text)
        const path = `/api-keys/${encodeURIComponent(given)}`
        assert.equal((await get(path, owner)).status, 200)
        assert.equal((await request('POST', `${path}/rotate`, owner, { organization })).status, 201)
        assert.equal((await request('DELETE', path, owner, { organization })).status, 204)
      }),
      { numRuns: 30 },
    )
  })
})

describe('GET /api-keys/current', () => {
  it('returns the key of the request from its home, with any organization header', async () => {
    const {
      lastUsedAt: _,
      lastSeenAt,
      lastOutcome,
      lastSeenIp,
      ...expected
    } = await wire(bobs, ['read:sandboxes'], bob.userId)
    for (const asked of [{}, { organization: 'org_unknown' }, { organization: ada.personalOrganizationId }]) {
      const answer = await request('GET', '/api-keys/current', bobs.value, asked)
      // These requests are uses of the key, which are recorded at any time after the first.
      const { lastUsedAt, ...shown } = answer.body as { lastUsedAt: string | null }
      const use = { lastSeenAt: lastUsedAt, lastOutcome: 'allowed', lastSeenIp: '127.0.0.1' }
      const unused = { lastSeenAt, lastOutcome, lastSeenIp }
      assert.deepEqual([answer.status, shown], [200, { ...expected, ...(lastUsedAt === null ? unused : use) }])
    }
  })

  it('refuses a token', async () => {
    const text = 'The credential of the request is a token: send an API key'
    for (const credential of [owner, thirdParty.value]) {
      const answer = await get('/api-keys/current', credential)
      assert.deepEqual([answer.status, answer.body], [400, errorBody(400, 'Bad Request', text)])
    }
  })
})

describe('DELETE /api-keys', () => {
  const remove = (path: string, credential: string) => request('DELETE', path, credential, { organization })

  it('refuses and hides the same keys as GET', async () => {
    assert.deepEqual((await remove('/api-keys/bobs', owner)).body, NOT_FOUND)
    assert.deepEqual((await remove('/api-keys/unknown', owner)).body, NOT_FOUND)
    assert.deepEqual((await remove('/api-keys/adas%20admin', adas.value)).body, NOT_FOUND)
    assert.deepEqual((await remove('/api-keys/adas', thirdParty.value)).body, FORBIDDEN)
  })

  it('allows only administrators to delete another user’s key', async () => {
    for (const credential of [member, bobs.value, thirdParty.value, adminApp.value]) {
      const answer = await remove(`/api-keys/${ada.userId}/adas`, credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    const dave = await person('Dave')
    await dave.join(organization, ['read:sandboxes'])
    for (const credential of [owner, adasAdmin.value, ownerApp.value]) {
      const { value } = await dave.key(organization, ['read:sandboxes'], { name: 'daves' })
      assert.equal((await request('GET', '/sandbox', value)).status, 200)
      const answer = await remove(`/api-keys/${dave.userId}/daves`, credential)
      assert.deepEqual([answer.status, answer.text], [204, ''])
      assert.equal((await request('GET', '/sandbox', value)).status, 401)
    }
    assert.deepEqual((await remove(`/api-keys/${dave.userId}/daves`, owner)).body, NOT_FOUND)
    assert.deepEqual((await remove('/api-keys/usr_unknown/daves', owner)).body, NOT_FOUND)
  })

  it('accepts the caller’s own user id', async () => {
    await bob.key(organization, ['read:sandboxes'], { name: 'spare' })
    assert.equal((await remove(`/api-keys/${bob.userId}/spare`, member)).status, 204)
    assert.deepEqual((await remove(`/api-keys/${bob.userId}/spare`, member)).body, NOT_FOUND)
    assert.deepEqual((await remove(`/api-keys/${bob.userId}/other`, bobs.value)).body, NOT_FOUND)
  })

  it('allows a key to delete itself', async () => {
    const { value } = await bob.key(organization, ['read:sandboxes'], { name: 'last act' })
    assert.equal((await remove('/api-keys/last%20act', value)).status, 204)
    assert.equal((await remove('/api-keys/last%20act', value)).status, 401)
  })

  it('answers 204 to one of ten concurrent deletions', async () => {
    await bob.key(organization, ['read:sandboxes'], { name: 'once' })
    const sent = await sendSimultaneously(10, () => remove('/api-keys/once', member))
    assertOneSucceeded(sent, { success: 204, denial: 404 })
  })
})
