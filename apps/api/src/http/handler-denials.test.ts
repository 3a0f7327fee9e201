import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { FORBIDDEN, world } from '../../test/world.ts'

const { person, request, database, anotherApi } = await world({ after })
const sql = database.$client
const ada = await person()
const organization = await ada.organization()
const usageOf = async (keyId: string) => [
  ...(await sql`SELECT organization_id, allowed::int, denied::int FROM api_key_usage WHERE key_id = ${keyId}`),
]

describe('handlerDenials', () => {
  it('counts and records a handler’s denial of a key in the organization of the request', async () => {
    const api = await anotherApi()
    const other = await ada.organization('Other')
    const { id, value } = await ada.key(organization, ['admin:organization'], {
      organizationIds: [other],
      expiresAt: new Date(Date.now() + 60_000),
    })
    // The key may create keys, but none that outlives it.
    const endless = { name: 'endless', permissions: ['read:volumes'] }
    const refused = await request('POST', '/api-keys', value, { api, organization: other, body: endless })
    assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN])
    assert.equal((await request('GET', '/api-keys', value, { api, organization: other })).status, 200)
    const missing = await request('GET', '/api-keys/none', value, { api, organization: other })
    assert.equal(missing.status, 404, 'a 404 is not a denial')
    await api.close()

    assert.deepEqual(await usageOf(id), [{ organization_id: other, allowed: 2, denied: 1 }])
    const events = await sql`
      SELECT organization_id, status_code, error_message, target_id, metadata->>'route' AS route, metadata->>'reason' AS reason
      FROM audit_events WHERE action = 'api_key.refuse'`
    assert.deepEqual(
      [...events],
      [
        {
          organization_id: other,
          status_code: 403,
          error_message: 'Insufficient permissions',
          target_id: id,
          route: '/api-keys',
          reason: 'The API key would outlive the credential that creates it: set an earlier expiresAt',
        },
      ],
    )
  })

  it('does not count a handler’s denial of a user', async () => {
    const api = await anotherApi()
    const member = await person('Member')
    await member.join(organization, ['read:volumes'])
    const more = { name: 'more', permissions: ['write:volumes'] }
    const { value } = await member.token()
    const refused = await request('POST', '/api-keys', value, { api, organization, body: more })
    assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN])
    await api.close()
    const events = await sql`SELECT FROM audit_events WHERE organization_id = ${organization} AND status_code >= 400`
    assert.equal(events.length, 0)
  })
})
