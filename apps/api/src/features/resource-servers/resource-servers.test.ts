import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { errorBody, ISSUER, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after }, { API_AUDIENCE: 'https://audience.example.test' })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token, id: keyId, name: keyName } = await ada.key(organization, ['admin:organization'])
const by = { keyId, keyName }
const NOT_FOUND = errorBody(404, 'Not Found', 'Resource server not found')

const READ = { name: 'invoices:read', description: 'See your invoices' }
const WRITE = { name: 'invoices:write', description: 'Change your invoices' }
let count = 0
const valid = (more: object = {}) => {
  count += 1
  return { identifier: `https://api${count}.example.test/v1`, name: 'Invoices', scopes: [READ, WRITE], ...more }
}
const send = (method: string, path = '', body?: unknown, { credential = token, at = organization } = {}) =>
  request(method, `/resource-servers${path}`, credential, { organization: at, ...(body !== undefined && { body }) })
const events = async (id: string) =>
  (
    await database.$client<{ action: string; metadata: object }[]>`
      SELECT action, metadata FROM audit_events WHERE target_id = ${id} ORDER BY sequence`
  ).map(({ action, metadata }) => [action, metadata])

interface ResourceServer {
  readonly id: string
  readonly identifier: string
  readonly updatedAt: string
}
const create = async (body: object = valid()): Promise<ResourceServer> => {
  const answer = await send('POST', '', body)
  assert.equal(answer.status, 201, answer.text)
  return answer.body as ResourceServer
}

describe('POST /resource-servers', () => {
  const https = 'must be https, or http on localhost, 127.0.0.1 or [::1]'
  const normal = 'must be written as browsers write it, in lower case, and without a slash if it has no path'
  const identifiers: Record<string, string> = {
    '': 'must be an absolute URI',
    '/invoices': 'must be an absolute URI',
    'invoices.example.test': 'must be an absolute URI',
    'https://invoices.example.test#part': 'must not have a fragment',
    'https://invoices.example.test/#': 'must not have a fragment',
    'https://user:secret@invoices.example.test': 'must not have a user or password',
    'http://invoices.example.test': https,
    'http://localhost.example.test': https,
    'ftp://invoices.example.test': https,
    'javascript:alert(1)': https,
    'https://invoices.example.test/': normal,
    'https://INVOICES.example.test': normal,
    'https://invoices.example.test:443/v1': normal,
    'https://invoices.example.test/a/../b': normal,
    'https://invoices.example.test/ü': normal,
    'https://invoices.example.test/\u0000': normal,
    [ISSUER]: 'must not be at the address of this server',
    [`${ISSUER}/mcp`]: 'must not be at the address of this server',
    'https://audience.example.test': 'must not be at the address of this server',
    'https://audience.example.test/v2?x=y': 'must not be at the address of this server',
    [`https://invoices.example.test/${'x'.repeat(500)}`]: 'must be at most 500 characters',
  }
  for (const [identifier, message] of Object.entries(identifiers)) {
    it(`refuses the identifier ${JSON.stringify(identifier.slice(0, 60))}`, async () => {
      const answer = await send('POST', '', valid({ identifier }))
      const body = errorBody(400, 'Bad Request', `identifier: ${message}`)
      assert.deepEqual(answer.body, { ...body, details: [{ path: 'identifier', message }] })
    })
  }

  it('refuses scopes that are ours, no tokens of RFC 6749, repeated or not described', async () => {
    for (const scopes of [
      [{ ...READ, name: 'openid' }],
      [{ ...READ, name: 'offline_access' }],
      [{ ...READ, name: 'read:sandboxes' }],
      [{ ...READ, name: 'Admin:Organization' }],
      [{ ...READ, name: 'two words' }],
      [{ ...READ, name: 'a"b' }],
      [{ ...READ, name: 'a\\b' }],
      [{ ...READ, name: 'ünï' }],
      [{ ...READ, name: '' }],
      [{ ...READ, name: 'x'.repeat(101) }],
      [READ, { ...WRITE, name: READ.name }],
      [{ name: 'a' }],
      [{ ...READ, description: '' }],
      [{ ...READ, description: 'a\u202eb' }],
      Array.from({ length: 101 }, (_, index) => ({ ...READ, name: `s${index}` })),
      'invoices:read',
    ]) {
      assert.equal((await send('POST', '', valid({ scopes }))).status, 400, JSON.stringify(scopes).slice(0, 80))
    }
  })

  it('refuses a name that looks like ours, and a member that does not exist', async () => {
    for (const more of [{ name: 'Daytona API' }, { name: '' }, { enabled: false }, { organizationId: organization }]) {
      assert.equal((await send('POST', '', valid(more))).status, 400, JSON.stringify(more))
    }
  })

  it('answers 409 for an identifier of any organization', async () => {
    const bob = await person('Bob')
    const at = await bob.organization()
    const there = { credential: (await bob.key(at, ['admin:organization'])).value, at }
    const { identifier } = await create()
    for (const options of [{}, there]) {
      const answer = await send('POST', '', valid({ identifier }), options)
      assert.equal(answer.status, 409)
      assert.equal(answer.headers.get('x-error-code'), 'identifier_taken')
    }
  })

  it('needs admin:organization, and a client may not register one by an app with less', async () => {
    const key = await ada.key(organization, ['read:sandboxes', 'write:registries'])
    assert.equal((await send('POST', '', valid(), { credential: key.value })).status, 403)
    assert.equal((await send('POST', '', valid(), { credential: 'dta_invalid' })).status, 401)
  })

  it('registers it, with an event', async () => {
    const body = valid()
    const made = await create(body)
    const { id, createdAt, updatedAt, ...rest } = made as ResourceServer & { createdAt: string }
    assert.match(id, /^rs_[0-9a-v]{26}$/)
    assert.deepEqual(rest, { ...body, enabled: true, organizationId: organization, createdBy: ada.userId })
    assert.equal(createdAt, updatedAt)
    assert.deepEqual((await send('GET', `/${id}`)).body, made)
    const { identifier, name } = body
    assert.deepEqual(await events(id), [
      ['resource_server.create', { ...by, name, identifier, scopes: [READ.name, WRITE.name] }],
    ])
  })

  it('registers http on loopback, for development, and a URL with a path or query', async () => {
    for (const identifier of ['http://localhost:4000/mcp', 'https://invoices.example.test/v1?tenant=a']) {
      assert.equal((await create(valid({ identifier }))).identifier, identifier)
    }
  })
})

describe('a resource server of another organization', () => {
  it('is not found by any route, nor changed', async () => {
    const { id } = await create()
    const bob = await person('Bob')
    const at = await bob.organization()
    const there = { credential: (await bob.key(at, ['admin:organization'])).value, at }
    for (const [method, body] of [['GET'], ['PATCH', { enabled: false }], ['DELETE']] as const) {
      const answer = await send(method, `/${id}`, body, there)
      assert.deepEqual([answer.status, answer.body], [404, NOT_FOUND], method)
    }
    assert.equal(((await send('GET', `/${id}`)).body as { enabled: boolean }).enabled, true)
  })
})

describe('PATCH /resource-servers/{resourceServerId}', () => {
  it('changes name, scopes and whether it is enabled, never the identifier', async () => {
    const made = await create()
    // Earlier than the millisecond of the change, on a fast machine too.
    await database.$client`UPDATE resource_servers SET updated_at = updated_at - interval '1 s' WHERE id = ${made.id}`
    const change = { name: 'Bills', scopes: [READ], enabled: false }
    const answer = await send('PATCH', `/${made.id}`, change)
    const { updatedAt } = answer.body as ResourceServer
    assert.deepEqual([answer.status, answer.body], [200, { ...made, ...change, updatedAt }])
    assert.ok(updatedAt >= made.updatedAt)
    const refused = await send('PATCH', `/${made.id}`, { identifier: 'https://other.example.test' })
    assert.equal(refused.status, 400)
    assert.deepEqual((await events(made.id)).at(-1), [
      'resource_server.update',
      { ...by, name: 'Invoices', identifier: made.identifier, changed: change },
    ])
  })
})

describe('DELETE /resource-servers/{resourceServerId}', () => {
  it('deletes it once, with an event', async () => {
    const { id, identifier } = await create()
    assert.deepEqual([(await send('DELETE', `/${id}`)).status, (await send('DELETE', `/${id}`)).status], [204, 404])
    assert.deepEqual((await send('GET', `/${id}`)).body, NOT_FOUND)
    assert.deepEqual((await events(id)).at(-1), ['resource_server.delete', { ...by, name: 'Invoices', identifier }])
  })
})
