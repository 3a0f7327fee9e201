import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { createSuccessors } from '../src/provider/storage/successors.ts'
import { browser, claimsOf, post, redeem, refresh, type TokenAnswer, testProvider, userinfo } from './fixture.ts'

const EARLIER_KEY = 'the cookie key of before it was replaced'
const COOKIE_KEYS = `the cookie key that signs in this test,${EARLIER_KEY}`
/** Ten times the default: a request within it may take long on a slow machine. */
const GRACE_SECONDS = 100
const provider = await testProvider({ after }, { env: { COOKIE_KEYS, REFRESH_REUSE_GRACE: `${GRACE_SECONDS}s` } })
const { database } = provider
const person = await provider.person()
const app = await provider.client(person)
const other = await provider.client(person)
const at = browser(provider, person)

const INVALID_GRANT = { error: 'invalid_grant', error_description: 'grant request is invalid' }

const signIn = async () => {
  const { body } = await redeem(
    provider,
    app,
    await at.authorize(app, { scope: 'openid profile email offline_access' }),
  )
  return { access: body['access_token'] ?? '', token: body['refresh_token'] ?? '' }
}
const tokenOf = ({ body }: TokenAnswer) => body['refresh_token'] ?? ''
const isAlive = async (access: string) => (await userinfo(provider, access)).status === 200

/** Shifts the last rotation to `seconds` ago. */
const age = (seconds: number) => database.$client`
  UPDATE oidc_artifacts SET consumed_at = consumed_at - make_interval(secs => ${seconds}) WHERE model = 'RefreshToken'`

describe('a refresh', () => {
  it('refuses a refresh token of another client, and does not change it', async () => {
    const { token } = await signIn()
    const { status, body } = await refresh(provider, other, token)
    assert.deepEqual([status, body], [400, INVALID_GRANT])
    assert.equal((await refresh(provider, app, token)).status, 200)
  })

  it('refuses more scopes than were granted', async () => {
    const { token } = await signIn()
    const { status, body } = await refresh(provider, app, token, { scope: 'openid read:sandboxes' })
    assert.deepEqual([status, body['error']], [400, 'invalid_scope'])
  })

  it('grants fewer scopes on request, and all of them again at the next time', async () => {
    const { token } = await signIn()
    const narrow = await refresh(provider, app, token, { scope: 'openid' })
    assert.deepEqual([narrow.body['scope'], claimsOf(narrow.body['access_token'])['scope']], ['openid', 'openid'])
    const wide = await refresh(provider, app, tokenOf(narrow))
    assert.equal(wide.body['scope'], 'openid profile email offline_access')
  })

  it('omits scopes that were removed from the app: in the response, the tokens and the next refresh token', async () => {
    const narrowed = await provider.client(person, { type: 'spa', redirectUris: ['https://narrow.example/cb'] })
    const { $client: sql } = provider.database
    const scope = 'openid profile email offline_access read:sandboxes'
    const consented = await browser(provider, person).authorize(narrowed, { scope })
    const authorized = await browser(provider, person).authorize(narrowed, { scope })
    const first = await redeem(provider, narrowed, consented)
    assert.equal(first.body['scope'], scope)

    await sql`UPDATE oidc_clients SET scopes = '{openid,email,offline_access}' WHERE id = ${narrowed.clientId}`
    const left = 'openid email offline_access'
    const second = await refresh(provider, narrowed, first.body['refresh_token'] ?? '')
    const third = await refresh(provider, narrowed, second.body['refresh_token'] ?? '')
    // The same for a code that was issued before and redeemed afterwards.
    const late = await redeem(provider, narrowed, authorized)
    for (const { body } of [second, third, late]) {
      assert.equal(body['scope'], left)
      assert.equal(claimsOf(body['access_token'])['scope'], left)
      const { email, name } = claimsOf(body['id_token'])
      assert.deepEqual([email, name], [person.email, undefined])
      const info = (await (await userinfo(provider, body['access_token'] ?? '')).json()) as Record<string, unknown>
      assert.deepEqual([info['email'], info['name']], [person.email, undefined])
    }
    const stored = await sql`SELECT payload ->> 'scope' AS scope FROM oidc_artifacts
      WHERE model = 'RefreshToken' AND client_id = ${narrowed.clientId} AND consumed_at IS NULL`
    assert.deepEqual([...stored], [{ scope: left }, { scope: left }])
    const wider = await refresh(provider, narrowed, third.body['refresh_token'] ?? '', { scope: 'openid profile' })
    assert.equal(wider.body['error'], 'invalid_scope')
  })

  it('returns another refresh token each time, under the same grant', async () => {
    const { access, token } = await signIn()
    const first = await refresh(provider, app, token)
    const second = await refresh(provider, app, tokenOf(first))
    assert.equal(new Set([token, tokenOf(first), tokenOf(second)]).size, 3)
    assert.equal(claimsOf(second.body['access_token'])['gid'], claimsOf(access)['gid'])
  })

  it('answers a just rotated token with the same successor: two tabs, or a lost response', async () => {
    const { access, token } = await signIn()
    const next = await refresh(provider, app, token)
    await age(GRACE_SECONDS - 10)
    const again = await refresh(provider, app, token)
    assert.deepEqual([again.status, tokenOf(again)], [200, tokenOf(next)])
    assert.deepEqual(Object.keys(again.body).sort(), Object.keys(next.body).sort())
    assert.equal(claimsOf(again.body['access_token'])['gid'], claimsOf(access)['gid'])
    for (const { body } of [next, again]) assert.ok(await isAlive(body['access_token'] ?? ''))
    // The family still has one token that may be used.
    const gid = String(claimsOf(access)['gid'])
    const unused = await database.$client`SELECT FROM oidc_artifacts
      WHERE grant_id = ${gid} AND model = 'RefreshToken' AND consumed_at IS NULL`
    assert.equal(unused.length, 1)
    assert.equal((await refresh(provider, app, tokenOf(again))).status, 200)
  })

  it('only refuses a just rotated token once its successor was used', async () => {
    const { token } = await signIn()
    const second = await refresh(provider, app, token)
    const third = await refresh(provider, app, tokenOf(second))
    assert.deepEqual((await refresh(provider, app, token)).body, INVALID_GRANT)
    assert.ok(await isAlive(third.body['access_token'] ?? ''))
    assert.equal(tokenOf(await refresh(provider, app, tokenOf(second))), tokenOf(third))
  })

  it('repeats a rotation for its own client only, and never as another kind of request', async () => {
    const { token } = await signIn()
    const next = await refresh(provider, app, token)
    assert.deepEqual((await refresh(provider, other, token)).body, INVALID_GRANT)
    assert.deepEqual((await post(provider, '/oauth/introspect', app, { token })).body, { active: false })
    assert.equal((await post(provider, '/oauth/revoke', app, { token })).status, 200)
    assert.equal((await refresh(provider, app, tokenOf(next))).status, 200)
  })

  it('refuses more scopes than were granted also when it is repeated, and grants fewer', async () => {
    const { token } = await signIn()
    const next = await refresh(provider, app, token)
    const wider = await refresh(provider, app, token, { scope: 'openid read:sandboxes' })
    assert.deepEqual([wider.status, wider.body['error']], [400, 'invalid_scope'])
    const narrow = await refresh(provider, app, token, { scope: 'openid' })
    assert.deepEqual([narrow.body['scope'], tokenOf(narrow)], ['openid', tokenOf(next)])
  })

  it('repeats no rotation for a disabled user, or after the grant was revoked', async () => {
    for (const end of ['disable', 'revoke'] as const) {
      const someone = await provider.person()
      const authorization = await browser(provider, someone).authorize(app, { scope: 'openid offline_access' })
      const { body } = await redeem(provider, app, authorization)
      const token = body['refresh_token'] ?? ''
      assert.equal((await refresh(provider, app, token)).status, 200)
      if (end === 'disable') await database.$client`UPDATE users SET disabled_at = now() WHERE id = ${someone.userId}`
      else await database.$client`UPDATE grants SET revoked_at = now() WHERE user_id = ${someone.userId}`
      assert.deepEqual((await refresh(provider, app, token)).body, INVALID_GRANT, end)
    }
  })

  it('repeats a rotation that was served before COOKIE_KEYS were replaced', async () => {
    const { token } = await signIn()
    const [stored] = await database.$client<{ digest: Buffer; salt: string }[]>`
      SELECT digest, payload ->> 'salt' AS salt FROM oidc_artifacts WHERE digest = ${digestOf(token)}`
    const before = createSuccessors([EARLIER_KEY]).derive(token, stored?.salt ?? '')
    const next = await refresh(provider, app, token)
    await database.$client`UPDATE oidc_artifacts SET digest = ${digestOf(before)} WHERE digest = ${digestOf(tokenOf(next))}`
    const again = await refresh(provider, app, token)
    assert.deepEqual([again.status, tokenOf(again)], [200, before])
    assert.equal((await refresh(provider, app, before)).status, 200)
  })

  it('revokes the grant if a token is reused later than that', async () => {
    const { token } = await signIn()
    const next = await refresh(provider, app, token)
    await age(GRACE_SECONDS + 1)
    const { status, body } = await refresh(provider, app, token)
    assert.deepEqual([status, body], [400, INVALID_GRANT])
    assert.ok(!(await isAlive(next.body['access_token'] ?? '')))
    assert.deepEqual((await refresh(provider, app, tokenOf(next))).body, INVALID_GRANT)

    const gid = String(claimsOf(next.body['access_token'])['gid'])
    const events = await database.$client`SELECT action, metadata FROM audit_events WHERE target_id = ${gid}`
    assert.deepEqual(
      [...events],
      [{ action: 'grant.revoke', metadata: { clientId: app.clientId, reason: 'refresh token reused' } }],
    )
    assert.equal((await database.$client`SELECT FROM oidc_artifacts WHERE grant_id = ${gid}`).length, 0)
  })

  it('fails ninety days after the first token of its line, regardless of rotations', async () => {
    const { access, token } = await signIn()
    const gid = String(claimsOf(access)['gid'])
    const moveStart = (days: number) => database.$client`
      UPDATE oidc_artifacts SET payload = payload || jsonb_build_object('iiat', (payload->>'iat')::int - ${days}::int * 86400)
      WHERE grant_id = ${gid} AND model = 'RefreshToken'`
    const daysLeft = async () => {
      const [row] =
        await database.$client`SELECT round((extract(epoch FROM expires_at - now()) / 86400)::numeric, 2)::float8 AS days
        FROM oidc_artifacts WHERE grant_id = ${gid} AND consumed_at IS NULL AND model = 'RefreshToken'`
      return row?.['days']
    }
    assert.equal(await daysLeft(), 30)
    await moveStart(50)
    const second = await refresh(provider, app, token)
    assert.equal(await daysLeft(), 30)
    await moveStart(85)
    await refresh(provider, app, tokenOf(second))
    assert.equal(await daysLeft(), 5)
  })

  it('refuses a token at its expiry', async () => {
    const { token } = await signIn()
    await database.$client`UPDATE oidc_artifacts
      SET payload = payload || jsonb_build_object('exp', floor(extract(epoch FROM now()))) WHERE model = 'RefreshToken'`
    assert.deepEqual((await refresh(provider, app, token)).body, INVALID_GRANT)
  })

  it('refuses a disabled user at once, with all existing tokens', async () => {
    const someone = await provider.person()
    const tokens = await redeem(
      provider,
      app,
      await browser(provider, someone).authorize(app, { scope: 'openid offline_access' }),
    )
    await database.$client`UPDATE users SET disabled_at = now() WHERE id = ${someone.userId}`
    assert.deepEqual((await refresh(provider, app, tokenOf(tokens))).body, INVALID_GRANT)
    assert.ok(!(await isAlive(tokens.body['access_token'] ?? '')))
  })

  it('stops at the same instant as its grant, for every way to end it', async () => {
    const { access, token } = await signIn()
    await database.$client`UPDATE grants SET revoked_at = now() WHERE id = ${String(claimsOf(access)['gid'])}`
    assert.deepEqual((await refresh(provider, app, token)).body, INVALID_GRANT)
  })
})
