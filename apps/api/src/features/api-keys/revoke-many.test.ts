import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { FORBIDDEN, UNAUTHORIZED_KEY, world } from '../../../test/world.ts'

const { request, person, database, anotherApi } = await world({ after })
const there = await anotherApi()
const sql = database.$client
const ada = await person('Ada')
const bob = await person('Bob')
const organization = await ada.organization()
await bob.join(organization, ['read:sandboxes', 'read:volumes'])
const { value: owner } = await ada.token()
const { value: member } = await bob.token()

const READ = ['read:volumes'] as const
const revoke = (keys: unknown, credential = owner, where = organization) =>
  request('POST', '/api-keys/revoke-many', credential, { organization: where, body: { keys } })
async function statuses(keys: readonly string[], credential = owner, where = organization) {
  const { status, body, text } = await revoke(keys, credential, where)
  assert.equal(status, 200, text)
  return (body as { results: { id: string; status: string }[] }).results.map(({ id, status }) => [id, status])
}
const me = (credential: string, api = there) => request('GET', '/users/me', credential, { api })
const isAccepted = async (credential: string) => (await request('GET', '/users/me', credential)).status === 200
const storedStatus = async (id: string) => (await sql`SELECT status FROM api_keys WHERE id = ${id}`)[0]?.['status']
const trailOf = async (where: string, ids: readonly string[]) => [
  ...(await sql`SELECT action, target_id AS id, actor_id AS actor, status_code AS status, metadata FROM audit_events
    WHERE organization_id = ${where} AND target_id = ANY (${[...ids]}) AND action IN
      ('api_key.delete', 'api_key.remove_organization') ORDER BY sequence`),
]

describe('POST /api-keys/revoke-many', () => {
  it('refuses no keys, more than 100, and other members', async () => {
    const key = await ada.key(organization, READ)
    for (const keys of [[], Array.from({ length: 101 }, () => key.id), [key.id, 'x\0y'], 'all', [1], null, undefined]) {
      assert.equal((await revoke(keys)).status, 400, JSON.stringify(keys))
    }
    const answer = await request('POST', '/api-keys/revoke-many', owner, {
      organization,
      body: { keys: [key.id], names: ['x'] },
    })
    assert.equal(answer.status, 400)
    assert.equal(await isAccepted(key.value), true)
  })

  it('refuses an app without admin:organization as a whole', async () => {
    const key = await ada.key(organization, READ)
    const app = await ada.token({ scopes: ['openid', ...READ], organizationIds: [organization] })
    const { status, body } = await revoke([key.id], app.value)
    assert.deepEqual([status, body], [403, FORBIDDEN])
    assert.equal(await isAccepted(key.value), true)
  })

  it('answers the same for a key of another organization as for none', async () => {
    const eve = await person('Eve')
    const elsewhere = await eve.organization()
    const key = await ada.key(organization, READ)
    const unknown = newId('key')
    const { value: eves } = await eve.token()
    assert.deepEqual(await statuses([key.id, unknown, ''], eves, elsewhere), [
      [key.id, 'not_found'],
      [unknown, 'not_found'],
      ['', 'not_found'],
    ])
    assert.deepEqual((await revoke([key.id], eves)).status, 403)
    assert.equal(await isAccepted(key.value), true)
    assert.deepEqual(await trailOf(elsewhere, [key.id]), [])
  })

  it('lets a member revoke their own keys only, and does not reveal whether others exist', async () => {
    const [adas, bobs, ended] = [
      await ada.key(organization, READ),
      await bob.key(organization, READ),
      await bob.key(organization, READ),
    ]
    await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${ended.id}`
    const unknown = newId('key')
    assert.deepEqual(await statuses([adas.id, unknown, bobs.id, ended.id], member), [
      [adas.id, 'forbidden'],
      [unknown, 'forbidden'],
      [bobs.id, 'revoked'],
      [ended.id, 'not_found'],
    ])
    assert.deepEqual([await isAccepted(adas.value), await isAccepted(bobs.value)], [true, false])
  })

  it('lets a key without admin:organization revoke itself only', async () => {
    const [self, sibling] = [await bob.key(organization, READ), await bob.key(organization, READ)]
    assert.deepEqual(await statuses([sibling.id, self.id], self.value), [
      [sibling.id, 'forbidden'],
      [self.id, 'revoked'],
    ])
    assert.deepEqual((await me(sibling.value)).status, 200)
    assert.deepEqual((await request('GET', '/users/me', self.value)).body, UNAUTHORIZED_KEY)
  })

  it('is refused here before the response, there within the bound, and recorded as single deletions', async () => {
    const keys = [
      await ada.key(organization, READ),
      await bob.key(organization, READ),
      await ada.key(organization, READ, { expiresAt: new Date(Date.now() - 1) }),
    ]
    const [adas, bobs, expired] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]]
    for (const { value } of [adas, bobs]) assert.equal((await me(value)).status, 200)
    assert.deepEqual(await statuses([bobs.id, adas.id, expired.id, bobs.id]), [
      [bobs.id, 'revoked'],
      [adas.id, 'revoked'],
      [expired.id, 'not_found'],
    ])
    for (const { value } of [adas, bobs]) {
      assert.deepEqual((await request('GET', '/users/me', value)).body, UNAUTHORIZED_KEY)
      await waitFor(async () => (await me(value)).status === 401)
    }
    const ids = keys.map(({ id }) => id)
    const trail = await trailOf(organization, ids)
    assert.deepEqual(
      trail.toSorted((a, b) => (a['id'] < b['id'] ? -1 : 1)),
      [adas, bobs]
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, name }) => ({
          action: 'api_key.delete',
          id,
          actor: ada.userId,
          status: 200,
          metadata: { keyId: id, keyName: name },
        })),
    )
    assert.deepEqual(
      await statuses(ids),
      ids.map((id) => [id, 'not_found']),
    )
    assert.equal((await trailOf(organization, ids)).length, 2)
  })

  it('ends keys with their parent, each with one event, whether or not they are named too', async () => {
    const root = await ada.key(organization, ['admin:organization'])
    const make = async (credential: string, name: string) => {
      const body = { name, permissions: ['admin:organization'] }
      const answer = await request('POST', '/api-keys', credential, { body })
      assert.equal(answer.status, 201, answer.text)
      return answer.body as { id: string; value: string }
    }
    const child = await make(root.value, 'child')
    const named = await make(child.value, 'named')
    const grandchild = await make(named.value, 'grandchild')
    assert.deepEqual(await statuses([named.id, root.id]), [
      [named.id, 'revoked'],
      [root.id, 'revoked'],
    ])
    for (const { value } of [root, child, named, grandchild]) assert.equal(await isAccepted(value), false)
    const trail = await trailOf(organization, [root.id, child.id, named.id, grandchild.id])
    const parents = new Map(trail.map(({ id, metadata }) => [id, metadata.deletedWithKeyId]))
    assert.equal(trail.length, 4)
    assert.deepEqual(
      [parents.get(root.id), parents.get(named.id), parents.get(child.id)],
      [undefined, undefined, root.id],
    )
    assert.ok([root.id, named.id].includes(parents.get(grandchild.id)))
  })

  it('removes only this organization from a key of another one', async () => {
    const elsewhere = await bob.organization()
    const key = await bob.key(elsewhere, READ, { organizationIds: [organization] })
    const own = await ada.key(organization, READ)
    assert.deepEqual(await statuses([own.id, key.id]), [
      [own.id, 'revoked'],
      [key.id, 'revoked'],
    ])
    assert.equal((await request('GET', '/volumes', key.value, { organization })).status, 403)
    assert.equal((await request('GET', '/volumes', key.value, { organization: elsewhere })).status, 200)
    assert.equal(await storedStatus(key.id), 'active')
    const [event] = await trailOf(organization, [key.id])
    assert.equal(event?.['action'], 'api_key.remove_organization')
    assert.deepEqual(await statuses([key.id]), [[key.id, 'not_found']])
  })

  it('may end the credential of the request, which this process refuses afterwards', async () => {
    const [self, other] = [await ada.key(organization, ['admin:organization']), await bob.key(organization, READ)]
    assert.deepEqual(await statuses([self.id, other.id], self.value), [
      [self.id, 'revoked'],
      [other.id, 'revoked'],
    ])
    assert.deepEqual((await revoke([other.id], self.value)).body, UNAUTHORIZED_KEY)
  })

  it('changes nothing if the caller loses the authority, or is revoked, while it waits for a lock', async () => {
    const endings: Record<string, [status: number, end: (tx: typeof sql, userId: string) => Promise<unknown>]> = {
      demoted: [
        403,
        (tx, userId) =>
          tx`UPDATE organization_members SET role = 'member' WHERE user_id = ${userId} AND organization_id = ${organization}`,
      ],
      disabled: [401, (tx, userId) => tx`UPDATE users SET disabled_at = now() WHERE id = ${userId}`],
    }
    for (const [what, [status, end]] of Object.entries(endings)) {
      const eve = await person('Eve')
      await eve.join(organization, 'owner')
      const { value } = await eve.token()
      const keys = [await eve.key(organization, READ), await bob.key(organization, READ)]
      const ids = keys.map(({ id }) => id)
      const { answer } = await sql.begin(async (tx) => {
        await tx`SELECT FROM users WHERE id = ${eve.userId} FOR NO KEY UPDATE`
        const waiting = revoke(ids, value)
        await waitFor(async () => {
          const [row] = await sql`SELECT count(*)::int AS n FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`
          return row?.['n'] > 0
        })
        await end(tx as unknown as typeof sql, eve.userId)
        return { answer: waiting }
      })
      assert.equal((await answer).status, status, what)
      for (const id of ids) assert.equal(await storedStatus(id), 'active', what)
      assert.deepEqual(await trailOf(organization, ids), [])
    }
  })

  it('revokes each key once if several requests name them in other orders', async () => {
    const keys = []
    for (let at = 0; at < 12; at += 1) keys.push(await ada.key(organization, READ))
    const ids = keys.map(({ id }) => id)
    const others = await person('Grace')
    await others.join(organization, 'owner')
    const { value } = await others.token()
    const [one, two] = await Promise.all([statuses(ids), statuses(ids.toReversed(), value)])
    const revoked = [...one, ...two].filter(([, status]) => status === 'revoked').map(([id]) => id)
    assert.deepEqual(revoked.toSorted(), ids.toSorted())
    assert.equal((await trailOf(organization, ids)).length, ids.length)
  })
})
