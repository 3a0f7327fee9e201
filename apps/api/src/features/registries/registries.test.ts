import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { compactDecrypt } from 'jose'
import { describeResource } from '../../../test/resource.ts'
import { errorBody, RESOURCE_SECRETS_KEY, world } from '../../../test/world.ts'

const apiWorld = await world({ after })
const { request, person, database, log } = apiWorld
const ada = await person('Ada')
const permissions = ['read:registries', 'write:registries'] as const
const good = { name: 'Main', url: 'https://registry.example.test', username: 'robot', password: 'not-to-be-seen-81' }

describeResource(apiWorld, ada, {
  kind: 'registry',
  path: '/docker-registry',
  permissions,
  body: (name) => ({ ...good, name }),
  created: 201,
  operations: [
    ['GET', ''],
    ['PATCH', '', good],
    ['DELETE', ''],
  ],
})

interface Registry {
  readonly id: string
  readonly createdAt: string
  readonly updatedAt: string
}

async function workplace() {
  const organization = await ada.organization()
  const { value } = await ada.key(organization, permissions)
  const create = async (members: object = {}) => {
    const answer = await request('POST', '/docker-registry', value, { body: { ...good, ...members } })
    assert.equal(answer.status, 201, answer.text)
    return answer.body as Registry
  }
  const change = (id: string, body: object) => request('PATCH', `/docker-registry/${id}`, value, { body })
  const get = async (id: string) => (await request('GET', `/docker-registry/${id}`, value)).body
  return { organization, value, create, change, get }
}

const sealedIn = async (id: string): Promise<string> => {
  const [row] = await database.$client`SELECT sealed_password FROM registries WHERE id = ${id}`
  return row?.['sealed_password']
}

/** Decrypts a password as the platform does. */
async function open(id: string) {
  const key = new Uint8Array(hkdfSync('sha256', RESOURCE_SECRETS_KEY, '', 'daytona-auth registry passwords', 32))
  const { plaintext, protectedHeader } = await compactDecrypt(await sealedIn(id), key)
  return { password: new TextDecoder().decode(plaintext), header: protectedHeader }
}

describe('a registry', async () => {
  const { organization, value, create, change, get } = await workplace()

  it('refuses missing members and members of the wrong type', async () => {
    const wrong = [
      { url: undefined },
      { username: undefined },
      { password: undefined },
      { password: '' },
      { password: 1 },
      { username: null },
      { project: 1 },
      { password: 'x'.repeat(16_385) },
    ]
    for (const members of wrong) {
      const { status, text } = await request('POST', '/docker-registry', value, { body: { ...good, ...members } })
      assert.equal(status, 400, JSON.stringify(members))
      assert.ok(!text.includes(good.password))
    }
  })

  const message = 'must be an address such as https://registry.example.com or docker.io'
  for (const url of [
    '',
    ' ',
    'ftp://registry.example.test',
    'file:///etc',
    'javascript:alert(1)',
    '//registry.example.test',
    'a b',

    'https://user:secret@registry.example.test',
    'user@registry.example.test',
    'https://a.test\\@b.test',

    'https://a.test?x=1',
    'https://a.test#x',
    'https://a.test\n.b.test',
    'https://a.test:99999',
    'https:/a.test',
  ]) {
    it(`refuses the address ${JSON.stringify(url)}`, async () => {
      const answer = await request('POST', '/docker-registry', value, { body: { ...good, url } })
      const body = { ...errorBody(400, 'Bad Request', `url: ${message}`), details: [{ path: 'url', message }] }
      assert.deepEqual([answer.status, answer.body], [400, body])
    })
  }

  it('has every member that stock clients require, and no password', async () => {
    const made = await create()
    assert.deepEqual(made, {
      id: made.id,
      name: 'Main',
      url: 'https://registry.example.test',
      username: 'robot',
      project: '',
      registryType: 'organization',
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
    })
    assert.match(made.id, /^reg_[0-9a-v]{26}$/)
    assert.deepEqual(await get(made.id), made)
    for (const url of [
      'docker.io',
      'localhost:5000',
      'http://my_registry:5000/v2/',
      '[::1]:5000',
      'https://a.test/p-1',
    ]) {
      await create({ name: url, url, project: 'team' })
    }
    const list = (await request('GET', '/docker-registry', value)).body as { name: string; project: string }[]
    assert.deepEqual([list.length, list[0]?.name, list[0]?.project, list[5]], [6, 'https://a.test/p-1', 'team', made])
  })

  it('stores its password encrypted: no table, response or log has it in any form', async () => {
    const password = 'correct horse battery staple ÄÖ'
    const made = await create({ name: 'sealed', password })
    await change(made.id, { ...good, name: 'sealed', password: `${password}2` })
    assert.equal(
      (await request('POST', '/docker-registry', value, { body: { ...good, password: [password] } })).status,
      400,
    )
    await request('POST', '/docker-registry', value, { body: `{"password": "${password}", ` })

    const forms = [password, encodeURIComponent(password), ...(['base64url', 'hex'] as const).map(encoded)]
    function encoded(as: BufferEncoding) {
      return Buffer.from(password).toString(as).slice(0, 32)
    }
    const tables = await database.$client`
      SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`
    assert.ok(tables.length > 20)
    for (const form of forms) {
      for (const { name } of tables) {
        const found = await database.$client.unsafe(`SELECT 1 FROM ${name} t WHERE strpos(t::text, $1) > 0`, [form])
        assert.equal(found.length, 0, name)
      }
      assert.ok(!log.text().includes(form))
    }
    assert.equal((await open(made.id)).password, `${password}2`)
  })

  it('encrypts a password for its own record, differently each time', async () => {
    const [one, two] = [await create({ name: 'one' }), await create({ name: 'two' })]
    const { password, header } = await open(one.id)
    assert.equal(password, good.password)
    assert.deepEqual(header, { alg: 'dir', enc: 'A256GCM', kid: header['kid'], sub: one.id })
    assert.equal((await open(two.id)).header['sub'], two.id)
    const parts = async (id: string) => (await sealedIn(id)).split('.')
    assert.notEqual((await parts(one.id))[3], (await parts(two.id))[3])
  })

  it('refuses another server without another password', async () => {
    const made = await create({ name: 'moved', url: 'https://a.test/v2' })
    const { password: _, ...without } = good
    const sentence = 'is required if the url names another server'
    const body = {
      ...errorBody(400, 'Bad Request', `password: ${sentence}`),
      details: [{ path: 'password', message: sentence }],
    }
    for (const url of ['https://b.test', 'http://a.test/v2', 'https://a.test:8443/v2', 'a.test.b.test', 'a.test:80']) {
      const answer = await change(made.id, { ...without, name: 'moved', url })
      assert.deepEqual([answer.status, answer.body], [400, body], url)
    }
    assert.deepEqual(await get(made.id), made)
    assert.equal((await open(made.id)).password, good.password)
    assert.equal((await change(made.id, { ...without, url: 'A.test', name: 'moved' })).status, 200)
    assert.equal((await change(made.id, { ...good, url: 'https://b.test', name: 'moved', password: 'b' })).status, 200)
    assert.equal((await open(made.id)).password, 'b')
  })

  it('keeps project and password if a change omits them', async () => {
    const made = await create({ name: 'kept', project: 'team' })
    const { password: _, ...without } = good
    const answer = await change(made.id, { ...without, name: 'renamed', username: 'other' })
    const { updatedAt } = answer.body as Registry
    assert.deepEqual(answer.body, { ...made, name: 'renamed', username: 'other', updatedAt })
    assert.equal((await open(made.id)).password, good.password)
    const emptied = await change(made.id, { ...without, name: 'renamed', project: '' })
    assert.equal((emptied.body as { project: string }).project, '')
  })

  it('refuses a rename to a taken name', async () => {
    await create({ name: 'taken' })
    const made = await create({ name: 'free' })
    const answer = await change(made.id, { ...good, name: 'taken' })
    const sentence = 'A registry of that name exists already: choose another name'
    assert.deepEqual([answer.status, answer.body], [409, errorBody(409, 'Conflict', sentence)])
    assert.deepEqual(await get(made.id), made)
    const toOne = await Promise.all(
      ['p', 'q', 'r'].map(async (name) => change((await create({ name })).id, { ...good, name: 'wanted' })),
    )
    assert.deepEqual(toOne.map(({ status }) => status).toSorted(), [200, 409, 409])
  })

  it('records whether a change replaced the password, and never the password', async () => {
    const { id } = await create({ name: 'recorded' })
    const { password: _, ...without } = good
    await change(id, { ...without, name: 'recorded' })
    await change(id, { ...good, name: 'recorded', url: 'https://b.test' })
    const rows = await database.$client`
      SELECT status_code, metadata ->> 'url' AS url, metadata ->> 'passwordChanged' AS changed FROM audit_events
      WHERE organization_id = ${organization} AND target_id = ${id} AND action = 'registry.update' ORDER BY sequence`
    assert.deepEqual(
      [...rows],
      [
        { status_code: 200, url: good.url, changed: 'false' },
        { status_code: 200, url: 'https://b.test', changed: 'true' },
      ],
    )
  })

  it('is deleted with its password', async () => {
    const { id } = await create({ name: 'gone' })
    const answer = await request('DELETE', `/docker-registry/${id}`, value)
    assert.deepEqual([answer.status, answer.text], [204, ''])
    assert.equal(await sealedIn(id), undefined)
  })
})

describe('without RESOURCE_SECRETS_KEY', async () => {
  const other = await world({ after }, { RESOURCE_SECRETS_KEY: '' })
  const bob = await other.person('Bob')
  const { value } = await bob.key(await bob.organization(), permissions)

  it('refuses to create a registry, and logs the reason', async () => {
    const answer = await other.request('POST', '/docker-registry', value, { body: good })
    assert.deepEqual([answer.status, answer.body], [503, errorBody(503, 'Service Unavailable', 'Service unavailable')])
    assert.ok(Number(answer.headers.get('retry-after')) >= 1)
    assert.deepEqual((await other.request('GET', '/docker-registry', value)).body, [])
    assert.ok(other.log.text().includes('RESOURCE_SECRETS_KEY is not set'))
  })
})
