import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { permissionNames } from '@daytona-auth/auth'
import { routesOf } from './routes.ts'
import { ISSUER, UNAUTHORIZED_TOKEN, world } from './world.ts'

const { request, person, database } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const identifier = 'https://invoices.example.test'
const { value: key } = await ada.key(organization, ['admin:organization'])
await request('POST', '/resource-servers', key, { organization, body: { identifier, name: 'Invoices' } })

// More than the provider issues: scopes with the names of our permissions, under a grant that has them.
const app = { scopes: ['openid', 'profile', ...permissionNames()], organizationIds: [organization] }
const { value: ours } = await ada.token(app)
const foreign = await Promise.all(
  [identifier, 'https://unknown.example.test', `${ISSUER}/`, ISSUER.toUpperCase(), 'daytona'].map(
    async (audience) => (await ada.token({ ...app, audience })).value,
  ),
)
const routes = routesOf(await request('GET', '/openapi.json')).filter(({ access }) => access !== 'public')

describe('a token for another audience', () => {
  it('is refused by every route, also with scopes named like our permissions', async () => {
    assert.ok(routes.length > 60, String(routes.length))
    for (const { method, pathIn } of routes) {
      for (const token of foreign) {
        const answer = await request(method, pathIn(organization), token, { organization })
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_TOKEN], `${method} ${pathIn(organization)}`)
      }
    }
    const [events] = await database.$client`SELECT count(*)::int FROM audit_events WHERE source LIKE 'token:%'`
    assert.equal(events?.['count'], 0)
  })

  it('is refused by forward authentication, also after one for our audience was cached', async () => {
    for (const path of ['/auth/verify', '/auth/verify?permission=read:sandboxes']) {
      assert.equal((await request('GET', path, ours, { organization })).status, 200)
      for (const token of foreign) assert.equal((await request('GET', path, token, { organization })).status, 401)
      assert.equal((await request('GET', path, ours, { organization })).status, 200)
    }
  })
})
