import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { world } from '../../../test/world.ts'

const { request, person } = await world({ after })
const ada = await person('Ada')
const organization = await ada.organization()
const { value: token } = await ada.token()

const members = {
  backchannelLogoutUri: 'https://app.example.test/logout',
  backchannelLogoutSessionRequired: true,
  defaultMaxAge: 3600,
  refreshTokenTtl: 86_400,
  refreshTokenAbsoluteTtl: 604_800,
}
const create = (more: object) =>
  request('POST', '/oauth-apps', token, {
    organization,
    body: {
      name: 'App',
      type: 'web',
      redirectUris: ['https://app.example.test/callback'],
      scopes: ['openid'],
      ...more,
    },
  })
const change = (clientId: string, body: object) =>
  request('PATCH', `/oauth-apps/${clientId}`, token, { organization, body })
type App = typeof members & { readonly clientId: string }
const ofSessions = ({ clientId: _id, ...app }: App) =>
  Object.fromEntries(Object.entries(app).filter(([name]) => name in members))

describe('what an app asks of sessions', () => {
  const refused: readonly [string, object][] = [
    ['backchannelLogoutUri', { backchannelLogoutUri: 'http://app.example.test/logout' }],
    ['backchannelLogoutUri', { backchannelLogoutUri: 'com.example.app:/logout' }],
    ['backchannelLogoutUri', { backchannelLogoutUri: 'https://a:b@app.example.test/logout' }],
    ['backchannelLogoutUri', { backchannelLogoutUri: 'https://app.example.test/logout#x' }],
    ['backchannelLogoutUri', { backchannelLogoutUri: `https://app.example.test/${'x'.repeat(2000)}` }],
    ['backchannelLogoutSessionRequired', { backchannelLogoutSessionRequired: 'yes' }],
    ['defaultMaxAge', { defaultMaxAge: -1 }],
    ['defaultMaxAge', { defaultMaxAge: 1.5 }],
    ['defaultMaxAge', { defaultMaxAge: '60' }],
    ['refreshTokenTtl', { refreshTokenTtl: 59 }],
    ['refreshTokenAbsoluteTtl', { refreshTokenAbsoluteTtl: 34_560_001 }],
    ['redirectUris.0', { redirectUris: ['com.example.app:/callback'] }],
    ['redirectUris.0', { type: 'native', redirectUris: ['myapp:/callback'] }],
  ]
  for (const [path, wrong] of refused) {
    it(`is refused: ${JSON.stringify(wrong).slice(0, 80)}`, async () => {
      const { status, body, text } = await create(wrong)
      assert.equal(status, 400, text)
      const { details = [] } = body as { details?: { path: string }[] }
      assert.deepEqual(
        details.map((detail) => detail.path),
        [path],
        text,
      )
    })
  }

  it('is shown again, changes and is removed', async () => {
    const { status, body, text } = await create(members)
    assert.equal(status, 201, text)
    const { clientId } = body as App
    assert.deepEqual(ofSessions(body as App), members)
    const changed = await change(clientId, { defaultMaxAge: 60, refreshTokenTtl: null })
    assert.deepEqual(ofSessions(changed.body as App), { ...members, defaultMaxAge: 60, refreshTokenTtl: null })
    const nothing = {
      backchannelLogoutUri: null,
      backchannelLogoutSessionRequired: false,
      defaultMaxAge: null,
      refreshTokenTtl: null,
      refreshTokenAbsoluteTtl: null,
    }
    assert.deepEqual(ofSessions((await change(clientId, nothing)).body as App), nothing)
  })

  it('allows a scheme of its own to a native app, and to no other by a change', async () => {
    const redirectUris = ['com.example.app:/callback']
    const { status, text } = await create({ type: 'native', redirectUris, postLogoutRedirectUris: redirectUris })
    assert.equal(status, 201, text)
    const { clientId } = (await create({})).body as App
    assert.equal((await change(clientId, { redirectUris })).status, 400)
    assert.equal((await change(clientId, { postLogoutRedirectUris: redirectUris })).status, 400)
  })
})
