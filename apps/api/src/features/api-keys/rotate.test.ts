import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { maskKey } from '@daytona-auth/protocol/api-key-format'
import { waitFor } from '@daytona-auth/testing'
import { sendSimultaneously } from '../../../test/simultaneous.ts'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: owner } = await ada.token()

const NOT_FOUND = errorBody(404, 'Not Found', 'API key not found')
const HOUR_MS = 3_600_000

const rotate = (name: string, credential: string, body?: unknown) =>
  request('POST', `/api-keys/${encodeURIComponent(name)}/rotate`, credential, { organization, body })
const works = async (value: string) => (await request('GET', '/api-keys/current', value)).status === 200
const secretOf = ({ body }: { body: unknown }) => (body as { value: string }).value

interface Shown {
  readonly value: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly previousSecrets: { value: string; expiresAt: string; lastUsedAt: string | null }[]
}
const shown = async (name: string) =>
  (await request('GET', `/api-keys/${encodeURIComponent(name)}`, owner, { organization })).body as Shown

describe('POST /api-keys/{name}/rotate', () => {
  it('refuses a negative grace period, one of more than a week, and a past expiry', async () => {
    await ada.key(organization, ['read:sandboxes'], { name: 'wrong' })
    for (const body of [
      { gracePeriodSeconds: -1 },
      { gracePeriodSeconds: 604_801 },
      { gracePeriodSeconds: 1.5 },
      { gracePeriodSeconds: '5' },
      { expiresAt: '2025-12-31T23:59:59Z' },
    ]) {
      assert.equal((await rotate('wrong', owner, body)).status, 400, JSON.stringify(body))
    }
  })

  it('answers 404 to a revoked, expired, unknown or other user’s key', async () => {
    const bob = await person('Bob')
    await bob.join(organization, ['read:sandboxes'])
    await bob.key(organization, ['read:sandboxes'], { name: 'bobs' })
    await ada.key(organization, ['read:sandboxes'], { name: 'expired', expiresAt: new Date(Date.now() - 1) })
    await ada.key(organization, ['read:sandboxes'], { name: 'revoked' })
    await request('DELETE', '/api-keys/revoked', owner, { organization })
    for (const name of ['bobs', 'expired', 'revoked', 'unknown']) {
      const answer = await rotate(name, owner, { expiresAt: '2099-01-01T00:00:00Z' })
      assert.deepEqual([answer.status, answer.body], [404, NOT_FOUND])
    }
  })

  it('ends the old secret at once without a grace period, with an optional body', async () => {
    const { id, value } = await ada.key(organization, ['read:sandboxes'], { name: 'at once' })
    assert.ok(await works(value))
    const answer = await rotate('at once', owner)
    assert.equal(answer.status, 201)
    const next = secretOf(answer)
    assert.deepEqual(answer.body, {
      ...(answer.body as object),
      id,
      name: 'at once',
      status: 'active',
      expiresAt: null,
    })
    assert.deepEqual([await works(value), await works(next)], [false, true])
    assert.deepEqual((await shown('at once')).previousSecrets, [])
    assert.equal((await shown('at once')).value, maskKey(next))
  })

  it('keeps the old secret for the grace period and shows it with its own last use', async () => {
    const { value } = await ada.key(organization, ['read:sandboxes'], { name: 'graceful' })
    const next = secretOf(await rotate('graceful', owner, { gracePeriodSeconds: 60 }))
    assert.deepEqual([await works(value), await works(next)], [true, true])
    const key = await waitFor(async () => {
      const now = await shown('graceful')
      // The two uses may be recorded one after the other.
      return now.lastUsedAt && now.previousSecrets[0]?.lastUsedAt ? now : undefined
    })
    const [old] = key.previousSecrets
    assert.equal(old?.value, maskKey(value))
    assert.equal(key.value, maskKey(next))
    assert.ok(key.lastUsedAt && old?.lastUsedAt && key.lastUsedAt >= old.lastUsedAt)
    const left = Date.parse(old.expiresAt) - Date.now()
    assert.ok(left > 30_000 && left <= 60_000)
  })

  it('ends the old secret no later than the key’s previous expiry', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS)
    await ada.key(organization, ['read:sandboxes'], { name: 'ending', expiresAt })
    await rotate('ending', owner, { gracePeriodSeconds: 604_800, expiresAt: null })
    const key = await shown('ending')
    assert.equal(key.expiresAt, null)
    assert.equal(key.previousSecrets[0]?.expiresAt, expiresAt.toISOString())
  })

  it('keeps the expiry if none is given, and sets a given one', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS)
    await ada.key(organization, ['read:sandboxes'], { name: 'kept', expiresAt })
    await rotate('kept', owner, {})
    assert.equal((await shown('kept')).expiresAt, expiresAt.toISOString())
    await rotate('kept', owner, { expiresAt: '2099-01-01T00:00:00Z' })
    assert.equal((await shown('kept')).expiresAt, '2099-01-01T00:00:00.000Z')
  })

  it('never extends the grace period of an older secret', async () => {
    const { value } = await ada.key(organization, ['read:sandboxes'], { name: 'twice' })
    const second = secretOf(await rotate('twice', owner, { gracePeriodSeconds: 60 }))
    const before = (await shown('twice')).previousSecrets[0]?.expiresAt
    const third = secretOf(await rotate('twice', owner, { gracePeriodSeconds: 600 }))
    const ends = new Map((await shown('twice')).previousSecrets.map((old) => [old.value, old.expiresAt]))
    assert.equal(ends.get(maskKey(value)), before)
    assert.deepEqual([await works(value), await works(second), await works(third)], [true, true, true])
    const last = secretOf(await rotate('twice', owner, { gracePeriodSeconds: 0 }))
    assert.deepEqual([await works(value), await works(second), await works(third)], [false, false, false])
    assert.ok(await works(last))
  })

  it('leaves one current secret after ten concurrent rotations', async () => {
    const { id } = await ada.key(organization, ['read:sandboxes'], { name: 'busy' })
    const { answers, isUncertain } = await sendSimultaneously(10, () => rotate('busy', owner))
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(10).fill(201),
    )
    const live = await Promise.all(answers.map((answer) => works(secretOf(answer))))
    // The last one may be that of an answer that was a 503.
    const current = live.filter(Boolean).length
    assert.ok(current === 1 || (isUncertain && current === 0), String(current))
    const [row] =
      await database.$client`SELECT count(*)::int AS n FROM api_key_secrets WHERE key_id = ${id} AND expires_at IS NULL`
    assert.equal(row?.['n'], 1)
  })

  it('refuses a key without admin:organization, for itself too', async () => {
    const { value } = await ada.key(organization, ['read:sandboxes'], { name: 'itself' })
    const answer = await rotate('itself', value)
    assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    assert.ok(await works(value))
  })

  it('allows an administrator’s key to rotate itself, but not to extend its expiry', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS)
    const { value } = await ada.key(organization, ['admin:organization'], { name: 'admin', expiresAt })
    for (const body of [{ expiresAt: null }, { expiresAt: new Date(expiresAt.getTime() + 1).toISOString() }]) {
      assert.deepEqual((await rotate('admin', value, body)).body, FORBIDDEN)
    }
    const next = secretOf(await rotate('admin', value))
    assert.deepEqual([await works(value), await works(next)], [false, true])
  })

  it('allows a key to rotate only its own child keys: other secrets would outlive it', async () => {
    const { value } = await ada.key(organization, ['admin:organization'], { name: 'maker' })
    await ada.key(organization, ['read:sandboxes'], { name: 'stranger' })
    assert.deepEqual((await rotate('stranger', value)).body, FORBIDDEN)
    const body = { name: 'made', permissions: ['read:sandboxes'] }
    assert.equal((await request('POST', '/api-keys', value, { body })).status, 201)
    assert.equal((await rotate('made', value)).status, 201)
  })

  it('refuses an expiry after that of the key’s parent', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS)
    const { value } = await ada.key(organization, ['admin:organization'], { name: 'short parent', expiresAt })
    const body = { name: 'short child', permissions: ['read:sandboxes'], expiresAt: expiresAt.toISOString() }
    assert.equal((await request('POST', '/api-keys', value, { body })).status, 201)
    assert.deepEqual((await rotate('short child', owner, { expiresAt: null })).body, FORBIDDEN)
    assert.equal((await rotate('short child', owner)).status, 201)
  })

  it('refuses an administrator who is not the owner', async () => {
    const carol = await person('Carol')
    await carol.join(organization, 'owner')
    await ada.key(organization, ['read:sandboxes'], { name: 'of ada' })
    assert.deepEqual((await rotate('of ada', (await carol.token()).value)).body, NOT_FOUND)
  })
})

describe('POST /api-keys/{name}/end-previous-secrets', () => {
  const end = (name: string, credential: string) =>
    request('POST', `/api-keys/${encodeURIComponent(name)}/end-previous-secrets`, credential, { organization })
  const grace = { gracePeriodSeconds: 3600 }
  const events = (id: string) => database.$client`
    SELECT metadata FROM audit_events WHERE action = 'api_key.end_previous_secrets' AND target_id = ${id}`

  it('answers 404 to a revoked, unknown or other user’s key, and 403 to a secret under grace', async () => {
    const { value } = await ada.key(organization, ['admin:organization'], { name: 'under grace' })
    assert.equal((await rotate('under grace', owner, grace)).status, 201)
    await ada.key(organization, ['read:sandboxes'], { name: 'ended before' })
    await request('DELETE', '/api-keys/ended before'.replaceAll(' ', '%20'), owner, { organization })
    const dan = await person('Dan')
    await dan.join(organization, 'owner')
    const { value: other } = await dan.token()
    for (const [name, credential] of [
      ['ended before', owner],
      ['unknown', owner],
      ['under grace', other],
    ] as const) {
      const answer = await end(name, credential)
      assert.deepEqual([answer.status, answer.body], [404, NOT_FOUND], name)
    }
    assert.deepEqual((await end('under grace', value)).body, FORBIDDEN)
    assert.ok(await works(value))
  })

  it('ends them at once, keeps the current secret, and records it once', async () => {
    const { id, value: first } = await ada.key(organization, ['read:sandboxes'], { name: 'turned twice' })
    const second = secretOf(await rotate('turned twice', owner, grace))
    const third = secretOf(await rotate('turned twice', owner, grace))
    assert.deepEqual([await works(first), await works(second), await works(third)], [true, true, true])
    const answer = await end('turned twice', owner)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(answer.body, await shown('turned twice'))
    assert.deepEqual([await works(first), await works(second), await works(third)], [false, false, true])
    assert.deepEqual((await shown('turned twice')).previousSecrets, [])
    assert.equal((await end('turned twice', owner)).status, 200)
    assert.deepEqual(
      (await events(id)).map(({ metadata }) => metadata),
      [{ keyId: id, keyName: 'turned twice', ended: 2 }],
    )
  })
})
