import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type ClientDenial, recordClientDenials } from '@daytona-auth/db/clients'
import { errorBody, FORBIDDEN, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const sql = database.$client
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()
const NOT_FOUND = JSON.stringify(errorBody(404, 'Not Found', 'OAuth app not found'))

async function register(): Promise<string> {
  const body = {
    name: 'App',
    type: 'web',
    redirectUris: ['https://app.example.test/cb'],
    scopes: ['openid', 'profile'],
  }
  const answer = await request('POST', '/oauth-apps', token, { organization, body })
  assert.equal(answer.status, 201, answer.text)
  return (answer.body as { clientId: string }).clientId
}
const read = (clientId: string, part: 'users' | 'denials', credential = token, where = organization) =>
  request('GET', `/oauth-apps/${clientId}/${part}`, credential, { organization: where })

describe('GET /oauth-apps/{clientId}/users and /denials', () => {
  it('answer 404 to apps of other organizations and to first-party ones, and 403 without admin:organization', async () => {
    const clientId = await register()
    const bob = await person('Bob')
    const elsewhere = await bob.organization()
    const bobs = (await bob.token()).value
    const member = await person('Member')
    await member.join(organization, ['read:sandboxes'])
    for (const part of ['users', 'denials'] as const) {
      for (const id of [clientId, 'daytona-dashboard', 'app_unknown']) {
        const answer = await read(id, part, bobs, elsewhere)
        assert.deepEqual([answer.status, answer.text], [404, NOT_FOUND], `${part} of ${id}`)
      }
      const refused = await read(clientId, part, (await member.token()).value)
      assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN])
    }
  })
})

describe('GET /oauth-apps/{clientId}/users', () => {
  it('shows of a member everything, and of others what they let the app see', async () => {
    const clientId = await register()
    const [member, named, hidden] = [await person('Member'), await person('Named'), await person('Hidden')]
    await member.join(organization, ['read:sandboxes'])
    // One after the other: the list is in their order.
    await member.token({ clientId, scopes: ['openid'], organizationIds: [] })
    await named.token({ clientId, scopes: ['openid', 'profile'], organizationIds: [] })
    await hidden.token({ clientId, scopes: ['openid', 'email'], organizationIds: [] })
    await hidden.token({ clientId, scopes: ['openid', 'email'], organizationIds: [] })
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${ada.userId}, ${clientId}, '{openid}')`
    const { status, body } = await read(clientId, 'users')
    assert.equal(status, 200)
    const users = body as { userId: string; authorizedAt: string; lastSeenAt: string | null }[]
    const emailOf = async (userId: string) =>
      (await sql`SELECT email FROM users WHERE id = ${userId}`)[0]?.['email'] as string
    const expected = [
      { userId: ada.userId, name: 'Ada', email: await emailOf(ada.userId), scopes: ['openid'], devices: 0 },
      {
        userId: hidden.userId,
        name: null,
        email: await emailOf(hidden.userId),
        scopes: ['email', 'openid'],
        devices: 2,
      },
      { userId: named.userId, name: 'Named', email: null, scopes: ['openid', 'profile'], devices: 1 },
      { userId: member.userId, name: 'Member', email: await emailOf(member.userId), scopes: ['openid'], devices: 1 },
    ]
    assert.deepEqual(
      users.map(({ authorizedAt, lastSeenAt, ...rest }) => rest),
      expected,
    )
    assert.deepEqual(
      users.map(({ lastSeenAt }) => lastSeenAt === null),
      [true, false, false, false],
    )
    for (const { authorizedAt } of users) assert.ok(Math.abs(Date.parse(authorizedAt) - Date.now()) < 60_000)
    // A person who took the access back is no user.
    await sql`UPDATE grants SET revoked_at = now() WHERE user_id = ${named.userId}`
    const after = (await read(clientId, 'users')).body as { userId: string }[]
    assert.deepEqual(
      after.map(({ userId }) => userId),
      [ada.userId, hidden.userId, member.userId],
    )
  })
})

describe('GET /oauth-apps/{clientId}/denials', () => {
  it('lists the refused requests by reason, latest first', async () => {
    const clientId = await register()
    assert.deepEqual((await read(clientId, 'denials')).body, { denials: [] })
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000)
    const rows: ClientDenial[] = [
      { clientId, reason: 'invalid_client', redirectUri: '', count: 3, firstAt: at(9), lastAt: at(8) },
      { clientId, reason: 'invalid_redirect_uri', redirectUri: '', count: 1, firstAt: at(7), lastAt: at(7) },
      {
        clientId,
        reason: 'invalid_redirect_uri',
        redirectUri: 'https://other.example.test/cb',
        count: 2,
        firstAt: at(9),
        lastAt: at(1),
      },
    ]
    await recordClientDenials(database, rows)
    const wire = rows.toReversed().map(({ clientId: _, redirectUri, firstAt, lastAt, ...rest }) => ({
      ...rest,
      redirectUri: redirectUri || null,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    }))
    const { status, body } = await read(clientId, 'denials')
    assert.deepEqual([status, body], [200, { denials: wire }])
  })
})
