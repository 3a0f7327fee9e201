import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import { inputOf, send, textOf, type Visitor, visitor } from '../browser/visitor.ts'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { acme, providerWithUpstream } from './mock-upstream.ts'

// A second instance of our own provider is the upstream provider of the first.
const upstream = await testProvider({ after })
const port = await freePort()
const issuer = `http://127.0.0.1:${port}`
const developer = await upstream.person('A developer')
const client = await upstream.client(developer, {
  redirectUris: [`${issuer}/oauth/upstream/acme/callback`],
  scopes: ['openid', 'profile', 'email'],
  requirePkce: true,
})
const { provider, open, begin } = await providerWithUpstream(
  { after },
  {
    ...acme(upstream.issuer, client.secret),
    UPSTREAM_ACME_CLIENT_ID: client.clientId,
    ISSUER: issuer,
    PORT: String(port),
  },
)
const { $client: sql } = provider.database

/** Signs in at the upstream provider, if it asks, and allows. Returns its redirect to the callback. */
async function signInThere(authorization: URL, { email }: Person, visit: Visitor): Promise<URL> {
  let answer = await visit.follow(await visit.get(authorization))
  for (let pages = 0; pages < 3 && answer.location === undefined; pages++) {
    const isConsent = answer.html.includes('name="decision"')
    const fields = isConsent ? { decision: 'allow' } : { email, password: PASSWORD }
    answer = await visit.follow(await send(visit, answer, isConsent ? 'consent' : 'sign-in', fields))
  }
  assert.ok(answer.location, textOf(answer))
  return answer.location
}

const userOf = async (email: string) => {
  const [row] = await sql`
    SELECT name, issuer, subject FROM users JOIN user_identities ON user_id = users.id WHERE users.email = ${email}`
  return row
}

it('refuses a callback with the iss of the provider itself', async () => {
  const { visit, page } = await open()
  const ada = await upstream.person()
  const callback = await signInThere(await begin(visit, page), ada, visitor(upstream.issuer))
  assert.equal(callback.searchParams.get('iss'), upstream.issuer)
  callback.searchParams.set('iss', issuer)
  assert.match(textOf(await visit.follow(await visit.get(callback))), /could not be verified/)
  assert.equal(await userOf(ada.email), undefined)
})

it('signs in a person of another instance, who is known by her subject there', async () => {
  const ada = await upstream.person('Ada King')
  const there = visitor(upstream.issuer)
  const { visit, page } = await open()
  const answer = await visit.follow(await visit.get(await signInThere(await begin(visit, page), ada, there)))
  assert.match(textOf(answer), new RegExp(`Example App.*${ada.email}`))
  assert.deepEqual(await userOf(ada.email), { name: 'Ada King', issuer: upstream.issuer, subject: ada.userId })

  // Its session answers at once, except for an app that wants a new sign-in.
  const again = await open()
  const silent = await there.follow(await there.get(await begin(again.visit, again.page)))
  assert.ok(silent.location?.href.startsWith(issuer) || silent.html.includes('name="decision"'), textOf(silent))
  const fresh = await open({ prompt: 'login' })
  const asked = await there.follow(await there.get(await begin(fresh.visit, fresh.page)))
  assert.match(textOf(asked), /Enter your password again/)
  const callback = await signInThere(await begin(fresh.visit, fresh.page), ada, there)
  assert.match(textOf(await fresh.visit.follow(await fresh.visit.get(callback))), /Example App/)
})

it('returns to the sign-in page if the person cancels there', async () => {
  const { visit, page } = await open()
  const there = visitor(upstream.issuer)
  const signIn = await there.follow(await there.get(await begin(visit, page)))
  const cancelled = await there.follow(await send(there, signIn, 'cancel', { csrf: inputOf(signIn, 'csrf') }))
  assert.ok(cancelled.location)
  const answer = await visit.follow(await visit.get(cancelled.location))
  assert.match(textOf(answer), /You did not sign in with Acme\. Try again, or use your password/)
})
