import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { arrive, authorizationRequest, inputOf, send, textOf, type Visitor, visitor } from '../browser/visitor.ts'
import { browser, DASHBOARD, PASSWORD, type Person, redeem, refresh } from '../fixture.ts'
import { collectRoutes } from '../registered-routes.ts'
import { type Company, companies } from './companies.ts'
import { acme } from './mock-upstream.ts'

const registeredRoutes = collectRoutes({ after })
const deploymentIssuer = 'https://login.acme.example'
const { provider, mock, sql, open, company, employee, moveInto, signIn } = await companies(
  { after },
  {
    ...acme(deploymentIssuer),
    RATE_LIMIT_POINTS: '100000',
    FAILED_SIGN_INS_LIMIT: '10000',
    FAILED_SIGN_INS_ACCOUNT_LIMIT: '10000',
    FAILED_SIGN_INS_ADDRESS_LIMIT: '10000',
    SIGN_UPS_ADDRESS_LIMIT: '10000',
  },
)
const dashboard = DASHBOARD(provider.issuer)

beforeEach(() => mock.reset())

const setRule = ({ organizationId }: Company, rule: string) =>
  sql`UPDATE identity_providers SET sign_in = ${rule} WHERE organization_id = ${organizationId}`

/** Enters an address and a password on the sign-in page. */
async function enterPassword(email: string, password = PASSWORD) {
  const { visit, page } = await open()
  return { visit, answer: await send(visit, page, 'sign-in', { email, password }) }
}

/** Whether the browser has a session that an app gets a code from. Returns the tokens of the code. */
async function tokensOf(visit: Visitor) {
  const { url, verifier } = authorizationRequest(provider.issuer, {
    client_id: dashboard.clientId,
    redirect_uri: dashboard.redirectUri,
    scope: 'openid offline_access',
  })
  let { location } = await visit.get(url)
  while (location?.origin === provider.issuer && !location.href.startsWith(dashboard.redirectUri)) {
    location = (await visit.get(location)).location
  }
  const code = location?.searchParams.get('code')
  if (!location || !code) return undefined
  const { redirectUri } = dashboard
  return (await redeem(provider, dashboard, { code, verifier, redirectUri, callback: location })).body
}

/** What an account has that a sign-in begins. */
const begunFor = async ({ userId }: Person) =>
  (
    await sql<{ what: string }[]>`SELECT model AS what FROM oidc_artifacts WHERE account_id = ${userId}
      UNION ALL SELECT 'grant' FROM grants WHERE user_id = ${userId}`
  ).map(({ what }) => what)

describe('a required identity provider', () => {
  it('is offered for every address of the domain and every password, with one answer', async () => {
    const acmeCompany = await company({ signIn: 'required' })
    const ada = await employee(acmeCompany)
    const answers = []
    for (const [email, password] of [
      [ada.email, PASSWORD],
      [ada.email, 'wrong'],
      [`unknown@${acmeCompany.domain}`, 'wrong'],
    ] as const) {
      const { visit, answer } = await enterPassword(email, password)
      assert.equal(answer.status, 403)
      assert.match(textOf(answer), /Your organization requires that you sign in with Company \d+/)
      assert.match(answer.html, /formaction="[^"]*\/organization" formnovalidate>Continue with Company/)
      assert.equal(await tokensOf(visit), undefined)
      answers.push(textOf(answer))
    }
    assert.equal(new Set(answers).size, 1)
    assert.deepEqual(await begunFor(ada), [])
    const [event] = await sql`SELECT status_code, error_message FROM audit_events
      WHERE target_id = ${ada.userId} AND action = 'user.sign_in' LIMIT 1`
    assert.equal(event?.['status_code'], 401)
    // Of another domain, a subdomain, and without the rule, the password signs in.
    assert.match(
      textOf((await enterPassword(`ada@sub.${acmeCompany.domain}`, 'wrong')).answer),
      /do not match an account/,
    )
    await setRule(acmeCompany, 'optional')
    const { visit, answer } = await enterPassword(ada.email)
    await visit.follow(answer)
    assert.ok(await tokensOf(visit))
  })

  it('signs in, and opens an account after its proof', async () => {
    const there = await company({ signIn: 'required' })
    const ada = await employee(there)
    const first = await signIn(ada.email)
    assert.match(textOf(first.end), /There is already an account with/)
    assert.equal((await send(first.visit, first.end, 'sign-in', { email: ada.email, password: 'wrong' })).status, 400)
    await first.visit.follow(await send(first.visit, first.end, 'sign-in', { email: ada.email, password: PASSWORD }))
    assert.ok(await tokensOf(first.visit))
    const again = await signIn(ada.email)
    const tokens = await tokensOf(again.visit)
    assert.equal((await refresh(provider, dashboard, tokens?.['refresh_token'] ?? '')).status, 200)
    assert.ok(await tokensOf((await signIn(`new@${there.domain}`)).visit), 'a new person')
  })

  it('does not let what waits to be connected prove another account of the domain', async () => {
    const there = await company({ signIn: 'required' })
    const [ada, eve] = [await employee(there), await employee(there)]
    const { visit, end } = await signIn(ada.email)
    const answer = await visit.follow(await send(visit, end, 'sign-in', { email: eve.email, password: PASSWORD }))
    assert.equal(answer.status, 403)
    assert.equal(await tokensOf(visit), undefined)
    assert.deepEqual(await begunFor(eve), [])
  })

  it('ends sessions and refresh tokens of other sign-ins, and no others, while it is required', async () => {
    const there = await company()
    const [ada, bob, outsider] = [await employee(there), await employee(there), await provider.person()]
    await signIn(bob.email).then(async ({ visit, end }) =>
      visit.follow(await send(visit, end, 'sign-in', { email: bob.email, password: PASSWORD })),
    )
    const ofBob = (await signIn(bob.email)).visit
    const [ofAda, ofOutsider] = [await enterPassword(ada.email), await enterPassword(outsider.email)]
    for (const { visit, answer } of [ofAda, ofOutsider]) await visit.follow(answer)
    const at = { ada: ofAda.visit, bob: ofBob, outsider: ofOutsider.visit }
    const tokens = { ada: await tokensOf(at.ada), bob: await tokensOf(at.bob), outsider: await tokensOf(at.outsider) }
    const statusOf = async (who: keyof typeof tokens) => {
      const { status, body } = await refresh(provider, dashboard, tokens[who]?.['refresh_token'] ?? '')
      if (status === 200) tokens[who] = body
      return status
    }
    await setRule(there, 'required')
    assert.deepEqual([await statusOf('ada'), await statusOf('bob'), await statusOf('outsider')], [400, 200, 200])
    assert.equal(await tokensOf(at.ada), undefined)
    assert.ok(await tokensOf(at.bob))
    assert.ok(await tokensOf(at.outsider))
    const page = await at.ada.follow(await at.ada.get('/oauth/account'))
    assert.ok(!textOf(page).includes(ada.email), 'the account page needs a sign-in')
    // With another issuer, what the earlier one has signed in does not count.
    await sql`UPDATE identity_providers SET issuer = 'https://other.example' WHERE organization_id = ${there.organizationId}`
    assert.equal(await tokensOf(at.bob), undefined)
    // Without the domain, the rule has no effect. What a provider has signed in that the organization does not have stays ended.
    await sql`UPDATE organization_domains SET verified_at = NULL WHERE organization_id = ${there.organizationId}`
    assert.deepEqual([await statusOf('ada'), await statusOf('bob')], [200, 400])
    await sql`UPDATE identity_providers SET issuer = ${mock.issuer} WHERE organization_id = ${there.organizationId}`
    assert.equal(await statusOf('bob'), 200)
  })

  it('lets an owner in with a second factor only, and no member', async () => {
    const there = await company({ signIn: 'required' })
    const owner = await moveInto(there.domain, there.owner)
    assert.equal((await enterPassword(owner.email)).answer.status, 403, 'without a second factor')
    const [app, member] = [await addAuthenticatorApp(provider, owner), await employee(there)]
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${there.organizationId}, ${member.userId}, 'member')`
    await addAuthenticatorApp(provider, member)
    assert.equal((await enterPassword(member.email)).answer.status, 403)
    assert.equal((await enterPassword(owner.email, 'wrong')).answer.status, 403)
    const { visit, answer } = await enterPassword(owner.email)
    assert.equal(answer.status, 200)
    const ticket = inputOf(answer, 'ticket')
    await visit.follow(
      await send(visit, answer, 'second-factor', { ticket, method: 'totp', code: app.codeAt(Date.now()) }),
    )
    const tokens = await tokensOf(visit)
    assert.equal((await refresh(provider, dashboard, tokens?.['refresh_token'] ?? '')).status, 200)
    await sql`UPDATE organization_members SET role = 'owner' WHERE user_id = ${member.userId} AND organization_id = ${there.organizationId}`
    await sql`UPDATE organization_members SET role = 'member' WHERE user_id = ${owner.userId} AND organization_id = ${there.organizationId}`
    assert.equal(await tokensOf(visit), undefined, 'who is no owner any more')
  })

  it('is not avoided with a provider of the deployment, by a sign-up, or with a changed address', async () => {
    const there = await company({ signIn: 'required' })
    const { visit, page } = await open()
    const signUp = await send(visit, page, 'sign-up', { email: `new@${there.domain}`, name: 'New', password: PASSWORD })
    assert.equal(signUp.status, 403)
    assert.match(textOf(signUp), /requires that you sign in with/)
    assert.equal((await sql`SELECT FROM users WHERE email = ${`new@${there.domain}`}`).length, 0)

    const ada = await provider.person()
    const at = browser(provider, ada)
    const { body } = await redeem(
      provider,
      dashboard,
      await at.authorize(dashboard, { scope: 'openid offline_access' }),
    )
    await moveInto(there.domain, ada)
    assert.equal((await refresh(provider, dashboard, body['refresh_token'] ?? '')).status, 400)
    assert.equal(await tokensOf(at.visitor), undefined)
  })

  it('gives an account no session by any form of any route, with its password', async (t) => {
    const there = await company({ signIn: 'required' })
    const ada = await employee(there)
    const routes = registeredRoutes().filter(({ method, url }) => method === 'POST' && url.startsWith('/oauth'))
    assert.ok(routes.length > 20, String(routes.length))
    for (const { url } of routes) {
      const visit = visitor(provider.issuer)
      const request = authorizationRequest(provider.issuer, {
        client_id: dashboard.clientId,
        redirect_uri: dashboard.redirectUri,
      })
      const page = await arrive(visit, request)
      const uid = /\/oauth\/interaction\/([^/]+)/.exec(page.url.pathname)?.[1] ?? ''
      const answer = await visit.post(url.replace(':uid', uid), {
        csrf: inputOf(page, 'csrf'),
        email: ada.email,
        name: 'Ada',
        password: PASSWORD,
        new_password: PASSWORD,
        decision: 'allow',
      })
      assert.ok(answer.status < 500, `${url}: ${answer.status}`)
      await visit.follow(answer)
      assert.equal(await tokensOf(visit), undefined, url)
    }
    assert.deepEqual(await begunFor(ada), [])
    t.diagnostic(`${routes.length} forms`)
  })
})
