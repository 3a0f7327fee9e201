import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { describeResource } from '../../../test/resource.ts'
import { world } from '../../../test/world.ts'

const apiWorld = await world({ after })
const { request, person, database } = apiWorld
const ada = await person('Ada')
const permissions = ['read:snapshots', 'write:snapshots'] as const

describeResource(apiWorld, ada, {
  kind: 'snapshot',
  path: '/snapshots',
  permissions,
  body: (name) => ({ name, imageName: 'debian:13' }),
  created: 200,
  operations: [
    ['GET', ''],
    ['DELETE', ''],
  ],
})

interface Snapshot {
  readonly id: string
  readonly name: string
  readonly createdAt: string
}

interface Page {
  readonly items: Snapshot[]
  readonly total: number
  readonly page: number
  readonly totalPages: number
}

async function workplace() {
  const organization = await ada.organization()
  const { value } = await ada.key(organization, permissions)
  const create = async (body: object) => {
    const answer = await request('POST', '/snapshots', value, { body })
    assert.equal(answer.status, 200, answer.text)
    return answer.body as Snapshot
  }
  const list = async (query = '') => (await request('GET', `/snapshots${query}`, value)).body as Page
  return { organization, value, create, list }
}

describe('one snapshot', async () => {
  const { organization, value, create } = await workplace()
  const get = (idOrName: string) => request('GET', `/snapshots/${encodeURIComponent(idOrName)}`, value)

  it('refuses members of the wrong type', async () => {
    const wrong = [
      { cpu: -1 },
      { memory: '1' },
      { disk: null },
      { entrypoint: 'sh' },
      { entrypoint: [1] },
      { imageName: 1 },
      { gpuType: ['GTX'] },
      { gpuType: 'H100' },
      { sandboxClass: 'mainframe' },
      { buildInfo: {} },
      { buildInfo: { dockerfileContent: 1 } },
      { buildInfo: { dockerfileContent: 'FROM x', contextHashes: 'a' } },
    ]
    for (const members of wrong) {
      const { status } = await request('POST', '/snapshots', value, { body: { name: 'wrong', ...members } })
      assert.equal(status, 400, JSON.stringify(members))
    }
  })

  it('has every member that stock clients require, and the state pending', async () => {
    const made = await create({ name: 'least', unknown: 1 })
    assert.deepEqual(made, {
      id: made.id,
      organizationId: organization,
      general: false,
      name: 'least',
      state: 'pending',
      size: null,
      entrypoint: null,
      cpu: 1,
      gpu: 0,
      mem: 1,
      disk: 3,
      errorReason: null,
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      lastUsedAt: null,
      sourceSandboxId: null,
    })
    assert.match(made.id, /^snap_[0-9a-v]{26}$/)
  })

  it('keeps its settings', async () => {
    const kept = {
      imageName: 'debian:13',
      entrypoint: ['sleep', 'inf'],
      cpu: 2,
      gpu: 1,
      disk: 20,
      sandboxClass: 'container',
    }
    const buildInfo = { dockerfileContent: 'FROM debian:13', contextHashes: ['abc'] }
    const made = await create({ ...kept, name: 'most', memory: 4, buildInfo, gpuType: ['H100'], regionId: 'local' })
    const { createdAt } = made
    assert.partialDeepStrictEqual(made, {
      ...kept,
      mem: 4,
      buildInfo: { ...buildInfo, createdAt, updatedAt: createdAt, snapshotRef: '' },
      regionIds: ['local'],
    })
    assert.deepEqual((await get(made.id)).body, made)
  })

  it('is found by its id and by its name, by its id even if another has that name', async () => {
    const made = await create({ name: 'registry.example.test/team/image:1.0@a?#%2F' })
    const impostor = await create({ name: made.id })
    assert.deepEqual((await get(made.name)).body, made)
    assert.deepEqual((await get(made.id)).body, made)
    assert.deepEqual((await get(impostor.id)).body, impostor)
  })

  it('is returned by its deletion, by name', async () => {
    const made = await create({ name: 'a/b' })
    const answer = await request('DELETE', '/snapshots/a%2Fb', value)
    assert.deepEqual([answer.status, answer.body], [200, { ...made, state: 'removing' }])
    assert.equal((await get(made.id)).status, 404)
  })
})

describe('GET /snapshots', async () => {
  const { value, create, list } = await workplace()
  const all = ['c', 'a', 'e', 'b', 'd'].map((letter) => `${letter}-Image`)
  for (const name of all) await create({ name })
  const sql = database.$client
  await sql`UPDATE snapshots SET state = 'active', last_used_at = now() WHERE name = 'a-Image'`
  await sql`UPDATE snapshots SET source_sandbox_id = 'sbx_1', last_used_at = now() - interval '1 day' WHERE name = 'e-Image'`
  const names = async (query: string) => (await list(query)).items.map(({ name }) => name.slice(0, 1)).join('')

  it('refuses invalid parameters', async () => {
    for (const query of [
      'page=0',
      'page=x',
      'page=1.5',
      'page=1e10',
      'limit=0',
      'limit=201',
      'limit=',
      'sort=id',
      'order=up',
      'sort=',
    ]) {
      assert.equal((await request('GET', `/snapshots?${query}`, value)).status, 400, query)
    }
  })

  it('contains no records of another organization', async () => {
    assert.deepEqual(await (await workplace()).list(), { items: [], total: 0, page: 1, totalPages: 0 })
  })

  it('returns each item exactly once across pages, in every order', async () => {
    for (const [query, expected] of [
      ['', 'aedbc'], // by last use, never used ones last
      ['order=asc', 'eacbd'],
      ['sort=name', 'edcba'],
      ['sort=name&order=asc', 'abcde'],
      ['sort=createdAt', 'dbeac'],
      ['sort=createdAt&order=asc', 'caebd'],
      ['sort=state&order=asc', 'acebd'],
      ['sort=state', 'dbeca'],
    ] as const) {
      let seen = ''
      for (const page of [1, 2, 3]) seen += await names(`?limit=2&page=${page}&${query}`)
      assert.equal(seen, expected, query)
    }
  })

  it('has the total count, on a page past the end too', async () => {
    const { items, ...counts } = await list('?limit=2&page=2')
    assert.deepEqual([items.length, counts], [2, { total: 5, page: 2, totalPages: 3 }])
    assert.deepEqual(await list('?page=1000000000&limit=200'), {
      items: [],
      total: 5,
      page: 1_000_000_000,
      totalPages: 1,
    })
  })

  it('supports the filters of stock clients', async () => {
    assert.equal(await names('?name=B-IM'), 'b')
    assert.equal(await names('?name=image&sort=name&order=asc'), 'abcde')
    assert.equal(await names('?name=%25'), '')
    assert.equal(await names('?sourceSandboxId=sbx_1'), 'e')
    const { total, totalPages } = await list('?name=nothing')
    assert.deepEqual([total, totalPages], [0, 0])
  })
})
