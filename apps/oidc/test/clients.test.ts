import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { waitFor } from '@daytona-auth/testing'
import { browser, post, redeem, testProvider, userinfo } from './fixture.ts'

const provider = await testProvider({ after })
const { database } = provider
const person = await provider.person()
const at = browser(provider, person)

describe('a cached client', () => {
  it('is invalidated by a change: requests that it no longer allows are refused', async () => {
    const app = await provider.client(person)
    await at.authorize(app)
    const moved = { ...app, redirectUri: 'https://new.example.com/callback' }
    assert.equal((await at.attempt(moved)).answer.status, 400)

    await database.$client`UPDATE oidc_clients SET redirect_uris = ${[moved.redirectUri]} WHERE id = ${app.clientId}`
    await waitFor(async () => (await at.attempt(app)).answer.status === 400)
    assert.equal((await redeem(provider, moved, await at.authorize(moved))).status, 200)
  })

  it('authenticates with its new secret only, after a rotation', async () => {
    const app = await provider.client(person)
    const first = await redeem(provider, app, await at.authorize(app, { scope: 'openid offline_access' }))
    const rotated = { ...app, secret: 'another secret, as the API would make it' }
    await database.$client`UPDATE oidc_clients SET secret_digest = ${digestOf(rotated.secret)} WHERE id = ${app.clientId}`
    const refresh = { grant_type: 'refresh_token', refresh_token: first.body['refresh_token'] ?? '' }
    await waitFor(async () => (await post(provider, '/oauth/revoke', app, { token: 'none' })).status === 401)
    const refused = await post(provider, '/oauth/token', app, refresh)
    assert.deepEqual([refused.status, refused.body['error']], [401, 'invalid_client'])
    assert.equal((await post(provider, '/oauth/token', rotated, refresh)).status, 200)
  })

  it('is gone once deleted, with everything issued to it', async () => {
    const app = await provider.client(person)
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid offline_access' }))
    await database.$client`DELETE FROM oidc_clients WHERE id = ${app.clientId}`
    await waitFor(async () => (await userinfo(provider, body['access_token'] ?? '')).status === 401)
    const refused = await waitFor(async () => {
      const answer = await post(provider, '/oauth/token', app, {
        grant_type: 'refresh_token',
        refresh_token: body['refresh_token'] ?? '',
      })
      return answer.status === 401 ? answer : undefined
    })
    assert.equal(refused.body['error'], 'invalid_client')
    assert.equal((await at.attempt(app)).answer.status, 400)
    assert.equal((await database.$client`SELECT FROM consents WHERE client_id = ${app.clientId}`).length, 0)
  })

  it('is never treated as first-party because of its name', async () => {
    const [dashboard] =
      await database.$client`SELECT first_party, organization_id FROM oidc_clients WHERE id = 'daytona-dashboard'`
    assert.deepEqual(dashboard, { first_party: true, organization_id: null })
    const app = await provider.client(person)
    const [row] = await database.$client`SELECT first_party FROM oidc_clients WHERE id = ${app.clientId}`
    assert.deepEqual(row, { first_party: false })
  })
})
