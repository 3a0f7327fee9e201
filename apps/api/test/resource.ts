import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Permission } from '@daytona-auth/auth'
import { waitFor } from '@daytona-auth/testing'
import { assertOneSucceeded, sendSimultaneously } from './simultaneous.ts'
import { errorBody, type Person, type World } from './world.ts'

/** The common properties of one kind of record. */
export interface Resource {
  /** `sandbox`, as in denials and the audit trail. */
  readonly kind: string
  /** The path of the list: `/sandbox`. */
  readonly path: string
  readonly permissions: readonly Permission[]
  /** Returns a body that creates a record of that name. */
  readonly body: (name: string) => object
  /** The status of creation. */
  readonly created: number
  /** The operations on one record: method, path after its id, and a valid body. */
  readonly operations: readonly (readonly [method: string, suffix: string, body?: object])[]
}

interface Made {
  readonly id: string
  readonly name: string
}

/** Tests the rules for every kind of record: isolation, suspension, unique names, events of changes only. */
export function describeResource(world: World, owner: Person, resource: Resource): void {
  const { request, person, database } = world
  const { kind, path, permissions, created, operations } = resource
  const notFound = JSON.stringify(
    errorBody(404, 'Not Found', `${kind.replace(/^./, (c) => c.toUpperCase())} not found`),
  )

  const workplace = async () => {
    const organization = await owner.organization()
    const { value } = await owner.key(organization, permissions)
    const create = (name: string) => request('POST', path, value, { body: resource.body(name) })
    return { organization, value, create }
  }

  describe(`every ${kind}`, () => {
    it('is unknown in another organization and stays unchanged', async () => {
      const { value, create } = await workplace()
      const { id, name } = (await create('mine')).body as Made
      const before = await request('GET', path, value)
      const bob = await person('Bob')
      const elsewhere = await bob.key(await bob.organization(), ['admin:organization'])
      const unknown = [`${id.slice(0, -26)}${'0'.repeat(26)}`, 'unknown', '%20', 'x'.repeat(128)]
      for (const reference of [id, name, ...unknown]) {
        for (const [method, suffix, body] of operations) {
          const answer = await request(method, `${path}/${reference}${suffix}`, elsewhere.value, { body })
          assert.deepEqual([answer.status, answer.text], [404, notFound], `${method} ${reference}${suffix}`)
        }
      }
      assert.equal((await request('GET', path, value)).text, before.text)
    })

    it('is readable but not writable while the organization is suspended', async () => {
      const { organization, value, create } = await workplace()
      const { id } = (await create('kept')).body as Made
      const before = await request('GET', path, value)
      await database.$client`
        UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid' WHERE id = ${organization}`
      await waitFor(async () => (await request('DELETE', `${path}/unknown`, value)).status === 403)
      const writes: (readonly [method: string, url: string, body: object | undefined])[] = [
        ['POST', path, resource.body('new')],
        ...operations
          .filter(([method]) => method !== 'GET')
          .map(([method, suffix, body]) => [method, `${path}/${id}${suffix}`, body] as const),
      ]
      for (const [method, url, body] of writes) {
        const answer = await request(method, url, value, { body })
        const denial = errorBody(403, 'Forbidden', 'Organization is suspended: unpaid')
        assert.deepEqual([answer.status, answer.body], [403, denial], `${method} ${url}`)
      }
      assert.equal((await request('GET', path, value)).text, before.text)
      assert.equal((await request('GET', `${path}/${id}`, value)).status, 200)
    })

    it('has a unique name in its organization: one of 100 concurrent creations succeeds', async () => {
      const { create, value } = await workplace()
      const sent = await sendSimultaneously(100, () => create('one'))
      assertOneSucceeded(sent, { success: created, denial: 409 })
      const { body: stored } = await request('GET', path, value)
      assert.equal((Array.isArray(stored) ? stored : (stored as { items: unknown[] }).items).length, 1)
      const refused = sent.answers.find(({ status }) => status === 409)
      const sentence = `A ${kind} of that name exists already: choose another name`
      assert.deepEqual(refused?.body, errorBody(409, 'Conflict', sentence))
      assert.equal((await (await workplace()).create('one')).status, created)
    })

    it('is not created with an invalid name', async () => {
      const { create, value } = await workplace()
      for (const name of ['', '  ', 'a\0b', 'a\nb', 'x'.repeat(129), '\ud800']) {
        assert.equal((await create(name)).status, 400, JSON.stringify(name))
      }
      for (const body of [null, [], 'x', { ...resource.body('x'), name: 1 }]) {
        assert.equal((await request('POST', path, value, { body: JSON.stringify(body) })).status, 400)
      }
    })

    it('has an event of its creation and deletion, and none of refused requests', async () => {
      const { organization, value, create } = await workplace()
      const { id } = (await create('audited')).body as Made
      await create('audited')
      await request('DELETE', `${path}/${id}`, value)
      await request('DELETE', `${path}/${id}`, value)
      const rows = await database.$client`
        SELECT action, target_type, organization_id, actor_id, metadata ->> 'name' AS name FROM audit_events
        WHERE target_id = ${id} ORDER BY sequence`
      const common = { target_type: kind, organization_id: organization, actor_id: owner.userId, name: 'audited' }
      assert.deepEqual(
        [...rows],
        [
          { action: `${kind}.create`, ...common },
          { action: `${kind}.delete`, ...common },
        ],
      )
      const [made] = await database.$client`
        SELECT count(*)::int AS n FROM audit_events WHERE organization_id = ${organization} AND target_type = ${kind}`
      assert.deepEqual(made, { n: 2 })
    })

    it('is deleted once, and then its name is available', async () => {
      const { value, create } = await workplace()
      const { id } = (await create('short-lived')).body as Made
      const answers = await Promise.all([1, 2, 3].map(() => request('DELETE', `${path}/${id}`, value)))
      const statuses = answers.map(({ status }) => status).toSorted()
      assert.deepEqual(statuses.slice(1), [404, 404])
      assert.ok(Number(statuses[0]) < 300)
      assert.equal((await request('GET', `${path}/${id}`, value)).text, notFound)
      assert.equal((await create('short-lived')).status, created)
    })
  })
}
