import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { describeResource } from '../../../test/resource.ts'
import { errorBody, world } from '../../../test/world.ts'

const apiWorld = await world({ after })
const { request, person } = apiWorld
const ada = await person('Ada')

describeResource(apiWorld, ada, {
  kind: 'volume',
  path: '/volumes',
  permissions: ['read:volumes', 'write:volumes'],
  body: (name) => ({ name }),
  created: 200,
  operations: [
    ['GET', ''],
    ['DELETE', ''],
  ],
})

describe('volumes', async () => {
  const organization = await ada.organization()
  const { value } = await ada.key(organization, ['read:volumes', 'write:volumes'])
  const create = async (name: string) =>
    (await request('POST', '/volumes', value, { body: { name } })).body as {
      id: string
      name: string
      createdAt: string
    }
  const list = async (query = '') => (await request('GET', `/volumes${query}`, value)).body
  const byName = (name: string, key = value) => request('GET', `/volumes/by-name/${encodeURIComponent(name)}`, key)
  const NOT_FOUND = JSON.stringify(errorBody(404, 'Not Found', 'Volume not found'))

  it('refuse a missing name and an unknown parameter value', async () => {
    for (const body of [{}, { name: null }, { name: ['a'] }]) {
      assert.equal((await request('POST', '/volumes', value, { body })).status, 400, JSON.stringify(body))
    }
    for (const query of [
      'includeDeleted=',
      'includeDeleted=1',
      'includeDeleted=TRUE',
      'includeDeleted=true&includeDeleted=x',
    ])
      assert.equal((await request('GET', `/volumes?${query}`, value)).status, 400, query)
  })

  it('are not found by their name from another organization', async () => {
    await create('theirs')
    const bob = await person('Bob')
    const elsewhere = await bob.key(await bob.organization(), ['admin:organization'])
    for (const name of ['theirs', 'unknown']) assert.equal((await byName(name, elsewhere.value)).text, NOT_FOUND)
  })

  it('have every member that stock clients require, and a state that is not ready', async () => {
    const made = await create('whole')
    assert.deepEqual(made, {
      id: made.id,
      name: 'whole',
      organizationId: organization,
      state: 'pending_create',
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      lastUsedAt: null,
      errorReason: null,
    })
    assert.match(made.id, /^vol_[0-9a-v]{26}$/)
    assert.deepEqual((await request('GET', `/volumes/${made.id}`, value)).body, made)
  })

  it('are found by name, with any characters in it', async () => {
    for (const name of ['a/b %2F?#', 'é\u{1f600}', 'by-name', '..x']) {
      const made = await create(name)
      assert.deepEqual((await byName(name)).body, made)
    }
    const { id } = await create('e\u0301t\u0301')
    assert.deepEqual(((await byName('\u00e9t\u0301')).body as { id: string }).id, id)
  })

  it('are listed newest first, deleted ones only with includeDeleted', async () => {
    for (const { id } of (await list()) as { id: string }[]) await request('DELETE', `/volumes/${id}`, value)
    assert.deepEqual(await list(), [])
    const first = await create('first')
    const second = await create('second')
    assert.deepEqual(await list(), [second, first])
    const answer = await request('DELETE', `/volumes/${first.id}`, value)
    const { updatedAt } = answer.body as { updatedAt: string }
    const gone = { ...first, state: 'pending_delete', updatedAt }
    assert.deepEqual([answer.status, answer.body], [200, gone])
    assert.deepEqual(await list('?includeDeleted=false'), [second])
    assert.deepEqual(((await list('?includeDeleted=true')) as object[]).slice(0, 2), [second, gone])
    assert.equal((await byName('first')).text, NOT_FOUND)
  })
})
