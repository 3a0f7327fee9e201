import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { isKey } from '@daytona-auth/auth'
import { maskKey } from '@daytona-auth/protocol/api-key-format'
import { waitFor } from '@daytona-auth/testing'
import { assertOneSucceeded, sendSimultaneously } from '../../../test/simultaneous.ts'
import { errorBody, FORBIDDEN, UNAUTHORIZED_KEY, world } from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const ada = await person()
const organization = await ada.organization()
const { value: token } = await ada.token()

const create = (body: unknown, credential = token) => request('POST', '/api-keys', credential, { organization, body })
const good = (name: string) => ({ name, permissions: ['read:sandboxes'] })
const badRequest = (details: { path: string; message: string }[]) => ({
  ...errorBody(400, 'Bad Request', details.map(({ path, message }) => `${path}: ${message}`).join('; ')),
  details,
})

describe('POST /api-keys', () => {
  const wrong: Record<string, [unknown, string, string]> = {
    'no name': [{ permissions: ['read:sandboxes'] }, 'name', 'is required'],
    'an empty name': [good(' \t\n'), 'name', 'must not be empty'],
    'a misspelt member': [
      { ...good('x'), expires_at: '2030-01-01T00:00:00Z' },
      'body',
      'unknown member expires_at; did you mean expiresAt?',
    ],
    "another's id": [{ ...good('x'), userId: 'usr_other' }, 'body', 'unknown member userId'],
    'a name of 129 characters': [good('é'.repeat(129)), 'name', 'must be at most 128 characters'],
    'a name with a control character': [
      good('a\u0007b'),
      'name',
      'must not have control, invisible or text direction characters',
    ],
    'a name with a NUL': [good('a\u0000b'), 'name', 'must not have control, invisible or text direction characters'],
    'the name .': [good('.'), 'name', 'must not be ".", ".." or "current"'],
    'the name ..': [good(' .. '), 'name', 'must not be ".", ".." or "current"'],
    'the name current': [good('current'), 'name', 'must not be ".", ".." or "current"'],
    'no permissions': [{ name: 'a', permissions: [] }, 'permissions', 'must name at least one permission'],
    'an unknown permission': [
      { name: 'a', permissions: ['read:sandboxes', 'delete:sandboxes'] },
      'permissions.1',
      'must be one of read:sandboxes, write:sandboxes, read:snapshots, write:snapshots, read:volumes, write:volumes, read:registries, write:registries, admin:organization',
    ],
    'a date without a time': [
      { ...good('a'), expiresAt: '2099-01-01' },
      'expiresAt',
      'must be a time of RFC 3339, such as 2030-12-31T23:59:59Z',
    ],
    'a year that no database has': [
      { ...good('a'), expiresAt: '0000-01-01T00:00:00Z' },
      'expiresAt',
      'must be a time of RFC 3339, such as 2030-12-31T23:59:59Z',
    ],
    'a past time': [{ ...good('a'), expiresAt: '2025-12-31T23:59:59Z' }, 'expiresAt', 'must be in the future'],
  }
  for (const [what, [body, path, message]] of Object.entries(wrong)) {
    it(`refuses ${what} and says so`, async () => {
      const answer = await create(body)
      assert.deepEqual([answer.status, answer.body], [400, badRequest([{ path, message }])])
    })
  }

  it('refuses a body that is no object, is no JSON, or is missing', async () => {
    for (const body of ['[]', '"x"', '1', '{', '']) {
      const answer = await create(body)
      assert.equal(answer.status, 400, body)
    }
  })

  it('refuses a caller with several organizations that names none, and reports how many', async () => {
    const answer = await request('POST', '/api-keys', token, { body: good('nowhere') })
    const text = 'X-Daytona-Organization-ID header is required: this credential has access to 2 organizations'
    assert.deepEqual([answer.status, answer.body], [400, errorBody(400, 'Bad Request', text)])
  })

  it('answers the key once, whole, and stores its digest only', async () => {
    const answer = await create({
      name: '  Ada\u0301 #1 ', // a decomposed á
      permissions: ['write:sandboxes', 'read:snapshots', 'write:sandboxes'],
      expiresAt: '2099-12-31T23:59:59+01:00',
    })
    assert.equal(answer.status, 201)
    const body = answer.body as { value: string; id: string; createdAt: string }
    assert.deepEqual(body, {
      id: body.id,
      name: 'Adá #1',
      description: '',
      value: body.value,
      createdAt: body.createdAt,
      permissions: ['write:sandboxes', 'read:snapshots'],
      expiresAt: '2099-12-31T22:59:59.000Z',
      status: 'active',
      organizationIds: [organization],
    })
    assert.ok(isKey(body.value))
    assert.ok(Math.abs(Date.parse(body.createdAt) - Date.now()) < 60_000)
    assert.equal(answer.headers.get('cache-control'), 'no-store')

    const dump = await database.$client`
      SELECT string_agg(t::text, '') AS text FROM (SELECT api_keys::text AS t FROM api_keys UNION ALL
        SELECT api_key_secrets::text FROM api_key_secrets UNION ALL SELECT audit_events::text FROM audit_events)`
    assert.ok(!String(dump[0]?.['text']).includes(body.value.slice(8, -4)))

    const listed = await request('GET', `/api-keys/${encodeURIComponent('Adá #1')}`, token, { organization })
    assert.equal((listed.body as { value: string }).value, maskKey(body.value))
  })

  it('refuses a name that is taken by an active key, however it is spelled', async () => {
    assert.equal((await create(good('taken é'))).status, 201)
    const taken = errorBody(
      409,
      'Conflict',
      'An active API key of that name exists already: choose another name or delete that key',
    )
    for (const name of ['taken é', ' taken e\u0301 ']) {
      const answer = await create(good(name))
      assert.deepEqual([answer.status, answer.body], [409, taken])
    }
    assert.equal((await create(good('Taken É'))).status, 201)
  })

  it('lets one of a hundred simultaneous namesakes win, over two APIs', async () => {
    const there = await anotherApi()
    const sent = await sendSimultaneously(100, (at) =>
      request('POST', '/api-keys', token, { organization, body: good('race'), ...(at % 2 && { api: there }) }),
    )
    assertOneSucceeded(sent, { success: 201, denial: 409 })
    const [kept] = await database.$client`SELECT count(*)::int AS keys FROM api_keys WHERE name = 'race'`
    assert.deepEqual(kept, { keys: 1 })
  })

  it('frees the name of a revoked and of an expired key at once', async () => {
    await create(good('reborn'))
    await request('DELETE', '/api-keys/reborn', token, { organization })
    const again = await create({ ...good('reborn'), expiresAt: new Date(Date.now() + 60_000).toISOString() })
    assert.equal(again.status, 201)
    await database.$client`UPDATE api_keys SET expires_at = now() WHERE id = ${(again.body as { id: string }).id}`
    assert.equal((await create(good('reborn'))).status, 201)
    const trail = await database.$client`
      SELECT action FROM audit_events WHERE target_id = ${(again.body as { id: string }).id} ORDER BY sequence`
    assert.deepEqual([...trail], [{ action: 'api_key.create' }, { action: 'api_key.expire' }])
    const all = await request('GET', '/api-keys?status=all', token, { organization })
    const namesakes = (all.body as { name: string; status: string }[]).filter(({ name }) => name === 'reborn')
    assert.deepEqual(
      namesakes.map(({ status }) => status),
      ['active', 'expired', 'revoked'],
    )
  })

  it('keeps two owners of one name apart', async () => {
    const bob = await person('Bob')
    await bob.join(organization, ['read:sandboxes'])
    await create(good('shared name'))
    assert.equal((await create(good('shared name'), (await bob.token()).value)).status, 201)
  })

  it('leaves an audit event that names the key, its maker and nothing secret', async () => {
    const { value: adminKey, id: adminId } = await ada.key(organization, ['admin:organization'], { name: 'maker' })
    const answer = await create(good('audited'), adminKey)
    const { id } = answer.body as { id: string }
    const [event] = await database.$client`SELECT * FROM audit_events WHERE target_id = ${id}`
    assert.partialDeepStrictEqual(event, {
      organization_id: organization,
      actor_id: ada.userId,
      actor_email: ada.email,
      actor_api_key_prefix: adminKey.slice(0, 8),
      actor_api_key_suffix: adminKey.slice(-4),
      action: 'api_key.create',
      target_type: 'api_key',
      status_code: 201,
      ip_address: '127.0.0.1',
      source: 'api-key',
    })
    const metadata = typeof event?.['metadata'] === 'string' ? JSON.parse(event['metadata']) : event?.['metadata']
    assert.deepEqual(metadata, {
      keyId: id,
      keyName: 'audited',
      permissions: ['read:sandboxes'],
      expiresAt: null,
      parentKeyId: adminId,
      actorKeyId: adminId,
      actorKeyName: 'maker',
    })
  })
})

describe('who may create a key', () => {
  const asMember = async (permissions: Parameters<typeof ada.join>[1]) => {
    const member = await person('Member')
    await member.join(organization, permissions)
    return member
  }
  const scopeOf = (answer: { headers: Headers }) => answer.headers.get('www-authenticate')

  it('is no member who does not hold what the key would', async () => {
    const member = await asMember(['write:sandboxes'])
    const answer = await create(
      { name: 'more', permissions: ['read:sandboxes', 'write:sandboxes'] },
      (await member.token()).value,
    )
    assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    assert.match(scopeOf(answer) ?? '', /^Bearer error="insufficient_scope", scope="read:sandboxes", /)
  })

  it('is every member for what they hold', async () => {
    const member = await asMember(['write:sandboxes'])
    const answer = await create({ name: 'own', permissions: ['write:sandboxes'] }, (await member.token()).value)
    assert.equal(answer.status, 201)
  })

  it('is no key without admin:organization, for what it holds itself neither', async () => {
    const { value } = await ada.key(organization, ['read:sandboxes', 'write:sandboxes'])
    const answer = await create(good('by key'), value)
    assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    assert.match(scopeOf(answer) ?? '', /^Bearer error="insufficient_scope", scope="admin:organization", /)
  })

  it('is no admin key whose owner is no administrator any more', async () => {
    const member = await asMember(['admin:organization'])
    const { value } = await member.key(organization, ['admin:organization'])
    assert.equal((await create(good('while admin'), value)).status, 201)
    await database.$client`DELETE FROM member_roles WHERE user_id = ${member.userId}`
    let count = 0
    const denial = await waitFor(async () => {
      const answer = await create(good(`afterwards ${++count}`), value)
      return answer.status === 201 ? undefined : answer.body
    })
    assert.deepEqual(denial, FORBIDDEN)
  })

  it('is an admin key for what ends no later than itself', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000)
    const { value } = await ada.key(organization, ['admin:organization'], { expiresAt })
    const later = new Date(expiresAt.getTime() + 1).toISOString()
    for (const body of [
      good('endless'),
      { ...good('null'), expiresAt: null },
      { ...good('later'), expiresAt: later },
    ]) {
      const answer = await create(body, value)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    assert.equal((await create({ ...good('as long'), expiresAt: expiresAt.toISOString() }, value)).status, 201)
  })

  it('is no third-party app without the scope admin:organization', async () => {
    const { value } = await ada.token({ scopes: ['openid', 'read:sandboxes'], organizationIds: [organization] })
    assert.deepEqual((await create(good('by app'), value)).body, FORBIDDEN)
  })

  it('is a third-party app with it, for what ends no later than its grant', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000)
    const app = { scopes: ['admin:organization'], organizationIds: [organization], expiresAt }
    const { value } = await ada.token(app)
    assert.deepEqual((await create(good('by admin app'), value)).body, FORBIDDEN)
    const answer = await create({ ...good('by admin app'), expiresAt: expiresAt.toISOString() }, value)
    assert.equal(answer.status, 201)
  })

  it('ends what a credential made with that credential', async () => {
    const parent = await ada.key(organization, ['admin:organization'], { name: 'parent' })
    const child = (await create({ name: 'child', permissions: ['admin:organization'] }, parent.value)).body as {
      id: string
      value: string
    }
    const grandchild = (await create(good('grandchild'), child.value)).body as { value: string }
    const { value: app, grantId } = await ada.token({ scopes: ['admin:organization'], organizationIds: [organization] })
    const soon = new Date(Date.now() + 60_000).toISOString()
    const ofGrant = (await create({ ...good('of grant'), expiresAt: soon }, app)).body as { value: string }
    for (const { value } of [child, grandchild, ofGrant]) {
      assert.equal((await request('GET', '/api-keys/current', value)).status, 200)
    }
    assert.equal((await request('DELETE', '/api-keys/parent', token, { organization })).status, 204)
    for (const { value } of [child, grandchild]) {
      assert.equal((await request('GET', '/api-keys/current', value)).status, 401)
    }
    const [event] = await database.$client`
      SELECT actor_id, metadata->>'deletedWithKeyId' AS with FROM audit_events
      WHERE target_id = ${child.id} AND action = 'api_key.delete'`
    assert.deepEqual(event, { actor_id: ada.userId, with: parent.id })
    await database.$client`UPDATE grants SET revoked_at = now() WHERE id = ${grantId}`
    await waitFor(async () => (await request('GET', '/api-keys/current', ofGrant.value)).status === 401)
  })

  it('leaves no child active whose parent is revoked while it is created', async () => {
    for (let round = 0; round < 15; round += 1) {
      const parent = await ada.key(organization, ['admin:organization'], { name: `revoked ${round}` })
      await request('GET', '/api-keys/current', parent.value)
      const [creation, deletion] = await Promise.all([
        create(good(`orphan ${round}`), parent.value),
        request('DELETE', `/api-keys/${encodeURIComponent(`revoked ${round}`)}`, token, { organization }),
      ])
      assert.equal(deletion.status, 204)
      if (creation.status === 201) {
        const { value } = creation.body as { value: string }
        await waitFor(async () => (await request('GET', '/api-keys/current', value)).status === 401)
      } else assert.deepEqual([creation.status, creation.body], [401, UNAUTHORIZED_KEY])
    }
  })
})
