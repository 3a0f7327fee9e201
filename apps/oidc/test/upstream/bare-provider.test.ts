import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { freePort, waitFor } from '@daytona-auth/testing'
import { type Answer, inputOf, send, textOf, type Visitor, visitor } from '../browser/visitor.ts'
import { PASSWORD } from '../fixture.ts'
import { bareProvider } from './bare-provider.ts'
import { acme, providerWithUpstream } from './mock-upstream.ts'

const port = await freePort()
const issuer = `http://127.0.0.1:${port}`
const secret = 'the secret of our client there'
const bare = await bareProvider({ after }, { at: `${issuer}/oauth/upstream/acme`, secret })
const LANDING = 'https://cobalt.example/signed-out'
const { provider, open, begin, owner } = await providerWithUpstream(
  { after },
  { ...acme(bare.issuer, secret), UPSTREAM_ACME_SIGN_OUT: 'true', ISSUER: issuer, PORT: String(port) },
)
const { $client: sql } = provider.database
const app = await provider.client(owner, { postLogoutRedirectUris: [LANDING] })

/** A browser that has signed in there, and here with it. */
async function signIn(sub: string): Promise<{ visit: Visitor; there: Visitor }> {
  bare.claims = { sub, email: `${sub}@acme.example`, email_verified: true }
  const there = visitor(bare.issuer)
  const { visit, page } = await open()
  const { location } = await there.follow(await there.get(await begin(visit, page)))
  assert.ok(location)
  assert.match(textOf(await visit.follow(await visit.get(location))), /Example App/)
  return { visit, there }
}

const sessionsOf = async (sub: string) => {
  const rows = await sql`SELECT FROM oidc_artifacts JOIN users ON users.id = account_id
    WHERE model = 'Session' AND email = ${`${sub}@acme.example`}`
  return rows.length
}

/** Signs out here, on the page for it. Returns where the browser is sent. */
async function signOut(visit: Visitor, query = ''): Promise<Answer> {
  const page = await visit.get(`/oauth/logout${query}`)
  return visit.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
}

const signOutThere = async (there: Visitor, page: Answer) =>
  there.post('/session/end/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })

describe('a provider of another project', () => {
  it('ends the session here that began with one there', async () => {
    const { there } = await signIn('ada')
    await signIn('ada')
    await signIn('bob')
    assert.deepEqual([await sessionsOf('ada'), await sessionsOf('bob')], [2, 1])
    await signOutThere(there, await there.get('/session/end'))
    await waitFor(async () => (await sessionsOf('ada')) === 1)
    assert.equal(await sessionsOf('bob'), 1)
  })

  it('signs the browser out after us, and returns it to where our sign-out ends', async () => {
    const { visit, there } = await signIn('cleo')
    const query = new URLSearchParams({
      client_id: app.clientId,
      post_logout_redirect_uri: LANDING,
      state: 'of the app',
    })
    const left = await signOut(visit, `?${query}`)
    assert.equal(await sessionsOf('cleo'), 0, 'our session ends first')
    assert.equal(left.status, 200)
    const { location } = left
    assert.equal(location?.origin, bare.issuer)
    assert.deepEqual([...(location?.searchParams.keys() ?? [])], ['client_id', 'post_logout_redirect_uri', 'state'])
    const back = await signOutThere(there, await there.get(location ?? ''))
    assert.equal(back.location?.href.split('?')[0], `${issuer}/oauth/upstream/acme/signed-out`)
    const landed = await visit.get(back.location ?? '')
    assert.deepEqual([landed.status, landed.location?.href], [303, `${LANDING}?state=of+the+app`])
    // Once: the cookie is gone.
    const again = await visit.get(back.location ?? '')
    assert.equal(again.location?.pathname, '/oauth/logout/success')
  })

  it('returns no browser elsewhere: of another state, another browser or another provider', async () => {
    const { visit } = await signIn('dora')
    const query = new URLSearchParams({ client_id: app.clientId, post_logout_redirect_uri: LANDING })
    const left = await signOut(visit, `?${query}`)
    const state = left.location?.searchParams.get('state') ?? ''
    const requests: readonly [Visitor, string, string][] = [
      [visitor(issuer), 'acme', `?state=${state}`],
      [visitor(issuer), 'acme', `?state=${state}&post_logout_redirect_uri=https://evil.example`],
      [visit, 'other', `?state=${state}`],
      [visit, 'acme', `?state=${'x'.repeat(43)}`],
      [visit, 'acme', ''],
      [visit, '__proto__', ''],
    ]
    for (const [by, name, query] of requests) {
      const { status, location } = await by.get(`/oauth/upstream/${name}/signed-out${query}`)
      assert.deepEqual([status, location?.href], [303, `${issuer}/oauth/logout/success`])
    }
    assert.equal((await visit.get(`/oauth/upstream/acme/signed-out?state=${state}`)).location?.href, LANDING)
    const planted = visitor(issuer)
    planted.plant({ name: `daytona_auth_${port}_sign_out`, value: 'eyJ.x', path: '/oauth/upstream' })
    assert.equal((await planted.get(`/oauth/upstream/acme/signed-out?state=${state}`)).location?.origin, issuer)
  })

  it('is left alone by a sign-out of one app', async () => {
    const { visit } = await signIn('eve')
    const page = await visit.get(`/oauth/logout?client_id=${app.clientId}`)
    const { location } = await visit.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf') })
    assert.equal(location?.origin, issuer)
    assert.equal(await sessionsOf('eve'), 1)
  })
})

it('signs out here alone by default, for a password, and if the provider does not answer', async (t) => {
  const closed = await freePort()
  const password = await open()
  const person = await provider.person()
  await password.visit.follow(
    await send(password.visit, password.page, 'sign-in', { email: person.email, password: PASSWORD }),
  )
  assert.equal((await signOut(password.visit)).location?.pathname, '/oauth/logout/success')

  for (const env of [
    acme(bare.issuer, secret),
    { ...acme(`http://127.0.0.1:${closed}`), UPSTREAM_ACME_SIGN_OUT: 'true' },
  ]) {
    const other = await providerWithUpstream(t, env)
    const { visit, page } = await other.open()
    const who = await other.provider.person()
    await visit.follow(await send(visit, page, 'sign-in', { email: who.email, password: PASSWORD }))
    await other.provider.database.$client`
      UPDATE oidc_artifacts SET payload = payload || jsonb_build_object('identity',
        jsonb_build_object('issuer', ${env.UPSTREAM_ACME_ISSUER}::text, 'subject', 'x')) WHERE model = 'Session'`
    await other.provider.database.$client`INSERT INTO user_identities (user_id, issuer, subject, email)
      VALUES (${who.userId}, ${env.UPSTREAM_ACME_ISSUER}, 'x', ${who.email})`
    assert.equal((await signOut(visit)).location?.pathname, '/oauth/logout/success')
    const left = await other.provider.database.$client`SELECT FROM oidc_artifacts
      WHERE model = 'Session' AND account_id IS NOT NULL`
    assert.equal(left.length, 0)
  }
})
