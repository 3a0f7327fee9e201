import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const sql = database.$client
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()

interface Secret {
  readonly id: string
  readonly name: string
  readonly hint: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}
interface App {
  readonly clientId: string
  readonly clientSecret: string
  readonly secrets: readonly Secret[]
}

const good = { name: 'App', redirectUris: ['https://app.example.test/callback'], scopes: ['openid'] }
const MASK = '*'.repeat(20)
const NOT_FOUND = JSON.stringify(errorBody(404, 'Not Found', 'OAuth app not found'))
const SECRET_NOT_FOUND = JSON.stringify(errorBody(404, 'Not Found', 'OAuth app secret not found'))
const LAST = errorBody(409, 'Conflict', 'The only valid secret of an app cannot be deleted: create another first')
const LIMIT = errorBody(409, 'Conflict', 'The limit of 2 secrets of an app is reached: delete one first')

async function register(type = 'web'): Promise<App> {
  const { status, body, text } = await request('POST', '/oauth-apps', token, { organization, body: { ...good, type } })
  assert.equal(status, 201, text)
  return body as App
}
const get = async (clientId: string) =>
  (await request('GET', `/oauth-apps/${clientId}`, token, { organization })).body as App
const idsOf = async (clientId: string) => (await get(clientId)).secrets.map(({ id }) => id)
const add = (clientId: string, body: object = { name: 'next' }, credential = token, where = organization) =>
  request('POST', `/oauth-apps/${clientId}/secrets`, credential, { organization: where, body })
const remove = (clientId: string, secretId: string, credential = token, where = organization) =>
  request('DELETE', `/oauth-apps/${clientId}/secrets/${secretId}`, credential, { organization: where })
async function added(clientId: string, body?: object) {
  const answer = await add(clientId, body)
  assert.equal(answer.status, 201, answer.text)
  return answer.body as Secret & { readonly clientSecret: string }
}
const digestsOf = async (clientId: string) =>
  (await sql`SELECT encode(digest, 'hex') AS digest FROM oidc_client_secrets WHERE client_id = ${clientId}`)
    .map(({ digest }) => digest)
    .sort()
/** The digest that servers of the previous release compare. */
const copyOf = async (clientId: string) =>
  (await sql`SELECT encode(secret_digest, 'hex') AS digest FROM oidc_clients WHERE id = ${clientId}`)[0]?.['digest']
const expire = (secretId: string) =>
  sql`UPDATE oidc_client_secrets SET expires_at = now() - interval '1 s' WHERE id = ${secretId}`
const trailOf = (clientId: string) => sql`
  SELECT action, actor_id, status_code, metadata FROM audit_events
  WHERE target_id = ${clientId} AND action LIKE 'oauth_app.%secret' ORDER BY sequence`

describe('the secrets of an OAuth app', () => {
  it('are hidden from other organizations: each request is a 404 as for no app', async () => {
    const { clientId, secrets } = await register()
    const bob = await person('Bob')
    const elsewhere = await bob.organization()
    const bobs = (await bob.token()).value
    const [secret] = secrets
    for (const id of [clientId, 'daytona-dashboard', 'app_unknown']) {
      for (const { status, text } of [
        await add(id, { name: 'mine' }, bobs, elsewhere),
        await remove(id, secret?.id ?? '', bobs, elsewhere),
      ]) {
        assert.deepEqual([status, text], [404, NOT_FOUND])
      }
    }
    assert.deepEqual((await get(clientId)).secrets, secrets)
    assert.deepEqual([...(await trailOf(clientId))], [])
  })

  it('are refused to a member, a key and an app without admin:organization', async () => {
    const { clientId, secrets } = await register()
    const bob = await person('Bob')
    await bob.join(organization, ['read:sandboxes', 'write:sandboxes'])
    const key = await ada.key(organization, ['write:sandboxes'])
    const app = await ada.token({ scopes: ['openid', 'write:sandboxes'], organizationIds: [organization] })
    for (const credential of [(await bob.token()).value, key.value, app.value]) {
      for (const { status, body } of [
        await add(clientId, { name: 'mine' }, credential),
        await remove(clientId, secrets[0]?.id ?? '', credential),
      ]) {
        assert.deepEqual([status, body], [403, FORBIDDEN])
      }
    }
    assert.deepEqual((await get(clientId)).secrets, secrets)
  })

  it('do not exist for a type that cannot keep one', async () => {
    for (const type of ['spa', 'native']) {
      const { clientId, secrets } = await register(type)
      const { status, body } = await add(clientId)
      assert.deepEqual(
        [status, (body as { error: string }).error, secrets],
        [400, 'type: must be web: an app of another type cannot keep a secret', []],
      )
      assert.deepEqual(await digestsOf(clientId), [])
    }
  })

  it('need a name, and an expiry in the future if there is one', async () => {
    const { clientId } = await register()
    for (const body of [
      {},
      { name: '' },
      { name: 'a\nb' },
      { name: null },
      { name: 'x', expiresAt: '2020-01-01T00:00:00Z' },
      { name: 'x', expiresAt: 'tomorrow' },
      { name: 'x', expires_at: '2099-01-01T00:00:00Z' },
      { name: 'x', clientSecret: 'mine' },
    ]) {
      assert.equal((await add(clientId, body)).status, 400, JSON.stringify(body))
    }
    assert.equal((await idsOf(clientId)).length, 1)
  })

  it('are two at once; the new one is returned once and stored as a digest', async () => {
    const { clientId, clientSecret, secrets } = await register()
    const [first] = secrets
    assert.deepEqual(secrets, [
      {
        id: first?.id,
        name: 'default',
        hint: `${MASK}${clientSecret.slice(-4)}`,
        createdAt: first?.createdAt,
        expiresAt: null,
        lastUsedAt: null,
      },
    ])
    assert.match(first?.id ?? '', /^sec_[0-9a-v]{26}$/)
    const answer = await add(clientId, { name: ' production ', expiresAt: '2099-01-01T00:00:00+01:00' })
    const { clientSecret: next, ...second } = answer.body as Secret & { clientSecret: string }
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [201, 'no-store'])
    assert.deepEqual(second, {
      id: second.id,
      name: 'production',
      hint: `${MASK}${next.slice(-4)}`,
      createdAt: second.createdAt,
      expiresAt: '2098-12-31T23:00:00.000Z',
      lastUsedAt: null,
    })
    assert.equal(Buffer.from(next, 'base64url').length, 32)
    assert.deepEqual((await get(clientId)).secrets, [first, second])
    assert.deepEqual(await digestsOf(clientId), [clientSecret, next].map((each) => hash('sha256', each)).sort())
    assert.equal(await copyOf(clientId), hash('sha256', clientSecret))

    const third = await add(clientId)
    assert.deepEqual([third.status, third.body], [409, LIMIT])
    assert.equal(third.headers.get('x-error-code'), 'limit_reached')
    const events = [...(await trailOf(clientId))]
    assert.deepEqual(events, [
      {
        action: 'oauth_app.create_secret',
        actor_id: ada.userId,
        status_code: 201,
        metadata: {
          name: 'App',
          secretId: second.id,
          secretName: 'production',
          expiresAt: '2098-12-31T23:00:00.000Z',
        },
      },
    ])
  })

  it('stay two if several are added at the same time', async () => {
    const { clientId } = await register()
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => add(clientId, { name })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409])
    assert.equal((await idsOf(clientId)).length, 2)
  })

  it('can be deleted but for the last valid one', async () => {
    const { clientId, secrets, clientSecret } = await register()
    const [first = { id: '' }] = secrets
    const only = await remove(clientId, first.id)
    assert.deepEqual([only.status, only.body, only.headers.get('x-error-code')], [409, LAST, 'last_secret'])
    const second = await added(clientId)
    const { secrets: ofAnother } = await register()
    for (const id of ['sec_unknown', ofAnother[0]?.id ?? '']) {
      const { status, text } = await remove(clientId, id)
      assert.deepEqual([status, text], [404, SECRET_NOT_FOUND])
    }
    assert.equal((await remove(clientId, first.id)).status, 204)
    assert.deepEqual(await idsOf(clientId), [second.id])
    assert.deepEqual(await digestsOf(clientId), [hash('sha256', second.clientSecret)])
    assert.equal(await copyOf(clientId), hash('sha256', second.clientSecret))
    assert.equal((await remove(clientId, first.id)).status, 404)
    assert.equal((await remove(clientId, second.id)).status, 409)
    const [, deletion, ...more] = await trailOf(clientId)
    assert.deepEqual(
      [deletion, more],
      [
        {
          action: 'oauth_app.delete_secret',
          actor_id: ada.userId,
          status_code: 204,
          metadata: { name: 'App', secretId: first.id, secretName: 'default' },
        },
        [],
      ],
    )
    assert.ok(!JSON.stringify(await trailOf(clientId)).includes(clientSecret))
  })

  it('leave one if both are deleted at the same time', async () => {
    const { clientId, secrets } = await register()
    const second = await added(clientId)
    const answers = await Promise.all([secrets[0]?.id ?? '', second.id].map((id) => remove(clientId, id)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409])
    assert.equal((await idsOf(clientId)).length, 1)
  })

  it('that have expired are not the last valid one, and make room for another', async () => {
    const { clientId, secrets } = await register()
    const [first = { id: '' }] = secrets
    const second = await added(clientId)
    await expire(second.id)
    assert.equal((await remove(clientId, first.id)).status, 409)
    const third = await added(clientId, { name: 'third' })
    assert.deepEqual(await idsOf(clientId), [first.id, third.id])
    const actions = (await trailOf(clientId)).map(({ action, metadata }) => [action, metadata.secretId])
    assert.deepEqual(actions, [
      ['oauth_app.create_secret', second.id],
      ['oauth_app.delete_secret', second.id],
      ['oauth_app.create_secret', third.id],
    ])
    await expire(third.id)
    assert.equal((await remove(clientId, third.id)).status, 204)
    await expire(first.id)
    assert.deepEqual([(await remove(clientId, first.id)).status, await idsOf(clientId)], [409, [first.id]])
  })

  it('are all replaced by a rotation', async () => {
    const { clientId } = await register()
    await added(clientId)
    const { status, body } = await request('POST', `/oauth-apps/${clientId}/rotate-secret`, token, { organization })
    const { clientSecret, secrets } = body as App
    assert.deepEqual(
      [status, secrets.map(({ name, hint }) => [name, hint])],
      [201, [['default', `${MASK}${clientSecret.slice(-4)}`]]],
    )
    assert.deepEqual(await digestsOf(clientId), [hash('sha256', clientSecret)])
    assert.equal(await copyOf(clientId), hash('sha256', clientSecret))
  })

  it('follow a digest that a server of the previous release writes', async () => {
    const { clientId } = await register()
    await added(clientId)
    const digest = hash('sha256', 'another')
    await sql`UPDATE oidc_clients SET secret_digest = decode(${digest}, 'hex') WHERE id = ${clientId}`
    assert.deepEqual(await digestsOf(clientId), [digest])
    const [secret] = (await get(clientId)).secrets
    assert.deepEqual([secret?.name, secret?.hint], ['default', null])
    await sql`DELETE FROM oidc_clients WHERE id = ${clientId}`
    assert.deepEqual(await digestsOf(clientId), [])
  })
})
