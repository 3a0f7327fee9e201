import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { describeResource } from '../../../test/resource.ts'
import { errorBody, world } from '../../../test/world.ts'

const apiWorld = await world({ after })
const { request, person, database } = apiWorld
const ada = await person('Ada')
const organization = await ada.organization()
const { value, ...key } = await ada.key(organization, ['read:sandboxes', 'write:sandboxes'])

interface Sandbox {
  readonly id: string
  readonly name: string
  readonly updatedAt: string
}

const create = async (name: string): Promise<Sandbox> => {
  const { status, body, text } = await request('POST', '/sandbox', value, { body: { name, labels: { a: '1' } } })
  assert.equal(status, 200, text)
  return body as Sandbox
}
const get = (idOrName: string) => request('GET', `/sandbox/${encodeURIComponent(idOrName)}`, value)
const NOT_FOUND = JSON.stringify(errorBody(404, 'Not Found', 'Sandbox not found'))

describeResource(apiWorld, ada, {
  kind: 'sandbox',
  path: '/sandbox',
  permissions: ['read:sandboxes', 'write:sandboxes'],
  body: (name) => ({ name }),
  created: 200,
  operations: [
    ['GET', ''],
    ['DELETE', ''],
    ['PUT', '/labels', { labels: {} }],
    ['PUT', '/state', { state: 'started' }],
  ],
})

describe('one sandbox', () => {
  it('refuses labels and states of the wrong kind', async () => {
    const { id } = await create('wrong')
    for (const body of [{}, { labels: null }, { labels: { a: 1 } }, { labels: [] }, { labels: 'a' }, []]) {
      assert.equal((await request('PUT', `/sandbox/${id}/labels`, value, { body })).status, 400, JSON.stringify(body))
    }
    for (const body of [{}, { state: 'running' }, { state: 'started', recoverable: 'no' }, { state: null }, 'x']) {
      assert.equal((await request('PUT', `/sandbox/${id}/state`, value, { body })).status, 400, JSON.stringify(body))
    }
  })

  it('is found by its id and by its name, with any characters in it', async () => {
    for (const name of ['plain', 'a/b %2F?#', 'é\u{1f600}', '..x', 'labels', 'e\u0301']) {
      const made = await create(name)
      assert.deepEqual((await get(made.id)).body, made)
      assert.deepEqual((await get(name)).body, made)
    }
  })

  it('is found by its id even if another record has that id as its name', async () => {
    const victim = await create('victim')
    const impostor = await create(victim.id)
    assert.equal(((await get(victim.id)).body as Sandbox).id, victim.id)
    assert.equal((await request('DELETE', `/sandbox/${victim.id}`, value)).status, 200)
    assert.equal((await get(victim.id)).status, 404)
    assert.equal(((await get(impostor.id)).body as Sandbox).name, victim.id)
  })

  it('has the labels of the last replacement', async () => {
    const made = await create('labelled')
    const labels = { b: '2', '': 'empty' }
    const answer = await request('PUT', '/sandbox/labelled/labels', value, { body: { labels, more: 1 } })
    assert.deepEqual([answer.status, answer.body], [200, { labels }])
    const { updatedAt, ...now } = (await get(made.id)).body as Sandbox
    assert.deepEqual({ ...now, updatedAt: made.updatedAt }, { ...made, labels })
    assert.ok(updatedAt >= made.updatedAt)
  })

  it('has the state and reason of the last report', async () => {
    const made = await create('reported')
    const report = (body: object) => request('PUT', `/sandbox/${made.id}/state`, value, { body })
    const failed = await report({ state: 'error', errorReason: 'no disk', recoverable: true })
    const { updatedAt } = failed.body as Sandbox
    assert.deepEqual(
      [failed.status, failed.body],
      [200, { ...made, state: 'error', errorReason: 'no disk', recoverable: true, updatedAt }],
    )
    const { body } = await request('GET', '/sandbox?isRecoverable=true', value)
    assert.deepEqual(
      (body as { items: Sandbox[] }).items.map(({ id }) => id),
      [made.id],
    )
    const started = await report({ state: 'started' })
    assert.deepEqual(started.body, { ...made, state: 'started', updatedAt: (started.body as Sandbox).updatedAt })
  })

  it('is returned by its deletion, by name', async () => {
    const made = await create('short-lived')
    const answer = await request('DELETE', '/sandbox/short-lived', value)
    assert.deepEqual([answer.status, answer.body], [200, { ...made, state: 'destroying' }])
    assert.deepEqual([(await get(made.id)).text, (await get(made.name)).text], [NOT_FOUND, NOT_FOUND])
  })

  it('records an event for each change, with the key that made it', async () => {
    const { id, name } = await create('recorded')
    await request('PUT', `/sandbox/${id}/labels`, value, { body: { labels: {} } })
    await request('PUT', `/sandbox/${id}/state`, value, { body: { state: 'stopped' } })
    await request('DELETE', `/sandbox/${id}`, value)
    const rows = await database.$client`
      SELECT action, target_type, status_code, organization_id, metadata FROM audit_events WHERE target_id = ${id} ORDER BY sequence`
    const common = { target_type: 'sandbox', status_code: 200, organization_id: organization }
    const metadata = { name, keyId: key.id, keyName: key.name }
    assert.deepEqual(
      [...rows],
      [
        { ...common, action: 'sandbox.create', metadata },
        { ...common, action: 'sandbox.update_labels', metadata },
        { ...common, action: 'sandbox.update_state', metadata: { ...metadata, state: 'stopped' } },
        { ...common, action: 'sandbox.delete', metadata },
      ],
    )
  })
})
