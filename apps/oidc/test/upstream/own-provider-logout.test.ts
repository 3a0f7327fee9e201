import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { freePort, waitFor } from '@daytona-auth/testing'
import { inputOf, send, textOf, type Visitor, visitor } from '../browser/visitor.ts'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { acme, providerWithUpstream } from './mock-upstream.ts'

// A second instance of our own provider is the upstream provider of the first, and sends its logout tokens itself.
const upstream = await testProvider({ after }, { env: { OUTBOUND_NETWORKS: '127.0.0.0/8' } })
const port = await freePort()
const issuer = `http://127.0.0.1:${port}`
const client = await upstream.client(await upstream.person('A developer'), {
  redirectUris: [`${issuer}/oauth/upstream/acme/callback`],
  backchannelLogoutUri: `${issuer}/oauth/upstream/acme/backchannel-logout`,
  scopes: ['openid', 'profile', 'email'],
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

/** Signs in at the upstream provider, and here with it. */
async function signIn({ email }: Person): Promise<Visitor> {
  const there = visitor(upstream.issuer)
  const { visit, page } = await open()
  let answer = await there.follow(await there.get(await begin(visit, page)))
  for (let pages = 0; pages < 3 && answer.location === undefined; pages++) {
    const isConsent = answer.html.includes('name="decision"')
    const fields = isConsent ? { decision: 'allow' } : { email, password: PASSWORD }
    answer = await there.follow(await send(there, answer, isConsent ? 'consent' : 'sign-in', fields))
  }
  assert.ok(answer.location, textOf(answer))
  assert.match(textOf(await visit.follow(await visit.get(answer.location))), /Example App/)
  return there
}

const sessionsOf = async ({ email }: Person) => {
  const [row] = await sql<{ n: number }[]>`
    SELECT count(*)::int AS n FROM oidc_artifacts JOIN users ON users.id = account_id
    WHERE model = 'Session' AND email = ${email}`
  return row?.n
}

it('ends the session here that began with a session at another instance, after the sign-out there', async () => {
  const [ada, bob] = [await upstream.person(), await upstream.person()]
  const there = await signIn(ada)
  await signIn(ada)
  await signIn(bob)
  assert.deepEqual([await sessionsOf(ada), await sessionsOf(bob)], [2, 1])
  const page = await there.get('/oauth/logout')
  await there.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
  await waitFor(async () => (await sessionsOf(ada)) === 1)
  assert.equal(await sessionsOf(bob), 1)
  await waitFor(async () => (await upstream.database.$client`SELECT FROM backchannel_logouts`).length === 0)
})

it('ends every session of an account that is disabled at the other instance', async () => {
  const ada = await upstream.person()
  await signIn(ada)
  await signIn(ada)
  await upstream.database.$client`DELETE FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`
  await waitFor(async () => (await sessionsOf(ada)) === 0)
})
