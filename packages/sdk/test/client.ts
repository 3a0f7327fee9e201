import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DaytonaAuth, DaytonaAuthError, findKeyFault, maskKey, PERMISSIONS } from '../src/index.ts'
import { admin, organizationId, origin, person, user } from './fixtures.ts'

/** Creates a client that records its requests. */
function counting(apiKey: string) {
  const asked: string[] = []
  const client = new DaytonaAuth({
    apiUrl: origin,
    apiKey,
    fetch: (input, init) => {
      asked.push(new URL((input as Request).url).search) // always a Request
      return fetch(input, init)
    },
  })
  return { client, asked }
}

const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => Array.fromAsync(items)

describe('the client with the service', () => {
  it('creates, uses, rotates and deletes a key', async () => {
    const made = await admin.apiKeys.create({ name: 'client test', permissions: ['read:sandboxes'] })
    assert.equal(findKeyFault(made.value), undefined)
    const own = new DaytonaAuth({ apiUrl: `${origin}/`, apiKey: made.value })
    const { name, value } = await own.apiKeys.current()
    assert.deepEqual([name, value], ['client test', maskKey(made.value)])
    assert.deepEqual((await own.sandboxes.list()).items, [])
    assert.equal((await own.users.me()).id, user.id)

    const next = await admin.apiKeys.rotate('client test', { gracePeriodSeconds: 3600 })
    assert.notEqual(next.value, made.value)
    assert.equal((await own.apiKeys.current()).name, 'client test')
    await admin.apiKeys.delete('client test')
    await assert.rejects(own.apiKeys.current(), {
      name: 'DaytonaAuthError',
      statusCode: 401,
      error: 'Invalid or expired API key',
    })
    await assert.rejects(admin.apiKeys.get('client test'), { statusCode: 404 })
  })

  it('throws errors with the reason and the missing permission', async () => {
    const { value } = await admin.apiKeys.create({ name: 'weak reader', permissions: ['read:sandboxes'] })
    const reader = new DaytonaAuth({ apiUrl: origin, apiKey: value })
    const error = await reader.sandboxes.create({}).catch((reason) => reason)
    assert.ok(error instanceof DaytonaAuthError)
    assert.deepEqual([error.statusCode, error.error], [403, 'Insufficient permissions'])
    assert.match(String(error.headers.get('www-authenticate')), /scope="write:sandboxes"/)
    assert.match(String(error.requestId), /./)
    await assert.rejects(admin.apiKeys.create({ name: 'weak reader', permissions: ['read:sandboxes'] }), {
      statusCode: 409,
      code: 'api_key_name_taken',
    })
    const invalid = await admin.apiKeys.create({ name: '', permissions: [] }).catch((reason) => reason)
    assert.equal(invalid.statusCode, 400)
    assert.deepEqual(invalid.details.map(({ path }: { path: string }) => path).sort(), ['name', 'permissions'])
    const anonymous = new DaytonaAuth({ apiUrl: origin })
    await assert.rejects(anonymous.users.me(), { statusCode: 401 })
    assert.equal((await anonymous.server.health()).status, 'ok')
    assert.equal((await anonymous.config()).oidc.issuer, origin)
  })

  it('uses the organization of the client, or of one request', async () => {
    await assert.rejects(person.apiKeys.list(), { statusCode: 400, error: /X-Daytona-Organization-ID/ })
    assert.ok((await person.apiKeys.list({}, { organizationId })).length > 0)
    const organizations = await person.organizations.list()
    const own = organizations.find(({ personal }) => personal)
    assert.deepEqual(await person.apiKeys.list({}, { organizationId: String(own?.id) }), [])
    await assert.rejects(admin.apiKeys.list({}, { organizationId: String(own?.id) }), { statusCode: 403 })
    const roles = await admin.organizations.roles.list(organizationId)
    assert.ok(roles.flatMap(({ permissions }) => permissions).every((name) => PERMISSIONS.includes(name)))
  })

  it('reads each page when the previous one is consumed', async () => {
    const { value } = await admin.apiKeys.create({
      name: 'pages',
      permissions: ['read:sandboxes', 'write:sandboxes', 'read:snapshots', 'write:snapshots'],
    })
    const { client, asked } = counting(value)
    const names = ['p0', 'p1', 'p2', 'p3', 'p4']
    for (const alias of names) await client.sandboxes.create({ alias } as never) // an alias of `name`
    for (const name of names) await client.snapshots.create({ name, imageName: 'alpine:3.22' })

    asked.length = 0
    const sandboxes = await all(client.sandboxes.all({ limit: 2 }))
    assert.deepEqual(sandboxes.map(({ name }) => name).sort(), names)
    assert.equal(asked.length, 3)
    asked.length = 0
    assert.deepEqual((await all(client.snapshots.all({ limit: 2 }))).map(({ name }) => name).sort(), names)
    assert.equal(asked.length, 3)
    asked.length = 0
    for await (const { name } of client.sandboxes.all({ limit: 2 })) if (name) break
    assert.equal(asked.length, 1, 'an unneeded page was read')
  })

  it('reads the audit trail by pages and as a stream', async () => {
    const pages = await all(admin.audit.all(organizationId, { limit: 3 }))
    assert.ok(pages.length > 3)
    assert.equal(new Set(pages.map(({ id }) => id)).size, pages.length)
    const exported = await admin.audit.export(organizationId)
    const lines = (await exported.text()).trim().split('\n')
    assert.ok(lines.map((line) => JSON.parse(line).action).includes('api_key.create'))
    assert.equal((await admin.audit.verify(organizationId)).valid, true)
  })
})
