import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const [row] = await database.$client`SELECT to_json(created_at)#>>'{}' AS at FROM users WHERE id = ${ada.userId}`

const whole = {
  id: ada.userId,
  name: 'Ada',
  email: ada.email,
  emailVerified: true,
  publicKeys: [],
  createdAt: new Date(row?.['at']).toISOString(),
}
const me = async (credential: string, asked = {}) => (await request('GET', '/users/me', credential, asked)).body

describe('GET /users/me', () => {
  it('returns every member to a person and a key, with any organization header', async () => {
    const { value: key } = await ada.key(organization, ['read:volumes'])
    for (const credential of [(await ada.token()).value, key]) {
      assert.deepEqual(await me(credential), whole)
      assert.deepEqual(await me(credential, { organization: 'org_unknown' }), whole)
    }
  })

  const table: [string[], object][] = [
    [['openid'], { name: null, email: null, emailVerified: null }],
    [['openid', 'profile'], { email: null, emailVerified: null }],
    [['openid', 'email'], { name: null }],
    [['openid', 'profile', 'email'], {}],
    [['read:sandboxes'], { name: null, email: null, emailVerified: null }],
  ]
  for (const [scopes, hidden] of table) {
    it(`returns to a third-party app with ${scopes.join(' ')} only the members of its scopes`, async () => {
      const { value } = await ada.token({ scopes, organizationIds: [] })
      assert.deepEqual(await me(value), { ...whole, ...hidden })
    })
  }
})
