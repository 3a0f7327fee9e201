import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { type Answer, arrive, authorizationRequest, send, textOf, visitor } from '../browser/visitor.ts'
import { claimsOf, DASHBOARD, redeem } from '../fixture.ts'
import { companies } from './companies.ts'
import { answerOf } from './mock-upstream.ts'

const { provider, mock, sql, company, employee } = await companies({ after })
const { issuer } = provider
const dashboard = DASHBOARD(issuer)
const seconds = () => Math.floor(Date.now() / 1000)

beforeEach(() => mock.reset())

/** What the provider of an organization may state about a sign-in, to look stronger or more recent than it is. */
const STATEMENTS: Record<string, () => Record<string, unknown>> = {
  nothing: () => ({}),
  'several methods': () => ({ amr: ['pwd', 'otp', 'mfa', 'hwk'] }),
  'our own acr': () => ({ acr: ACR.multiFactor, amr: ['mfa'] }),
  'a recent time': () => ({ auth_time: seconds() }),
  'a time to come': () => ({ auth_time: seconds() + 86_400 }),
  'a time long ago': () => ({ auth_time: seconds() - 86_400, acr: ACR.multiFactor }),
}

const request = (more: Record<string, string> = {}) =>
  authorizationRequest(issuer, { client_id: dashboard.clientId, redirect_uri: dashboard.redirectUri, ...more })
const errorOf = ({ location }: Answer) => location?.searchParams.get('error')

/** A person whose account is linked at one organization, signed in with its provider, which makes a statement. */
async function signedIn(statement: () => Record<string, unknown>) {
  const there = await company()
  const person = await employee(there)
  await sql`INSERT INTO organization_identities (organization_id, user_id, issuer, subject)
    VALUES (${there.organizationId}, ${person.userId}, ${mock.issuer}, ${person.userId})`
  mock.claims = { sub: person.userId, email: person.email, email_verified: true, ...statement() }
  const visit = visitor(issuer)
  const { url, verifier } = request()
  const page = await visit.follow(await visit.get(url))
  const { location } = await send(visit, page, 'organization', { email: person.email, password: '' })
  assert.ok(location)
  let answer = await visit.get(await answerOf(location))
  while (answer.location?.origin === issuer && !answer.location.href.startsWith(dashboard.redirectUri)) {
    answer = await visit.get(answer.location)
  }
  return { there, person, visit, verifier, answer }
}

describe('a sign-in with the provider of one organization, for the others', () => {
  for (const [what, statement] of Object.entries(STATEMENTS)) {
    it(`that states ${what} is one factor in its tokens, and no other time than it can be`, async () => {
      const { answer, verifier } = await signedIn(statement)
      const code = answer.location?.searchParams.get('code')
      assert.ok(answer.location && code, textOf(answer))
      const { redirectUri } = dashboard
      const { body } = await redeem(provider, dashboard, { code, verifier, redirectUri, callback: answer.location })
      for (const token of [body['access_token'], body['id_token']]) {
        const { acr, amr, auth_time: authTime } = claimsOf(token)
        assert.deepEqual([acr, amr], [undefined, undefined])
        if (typeof authTime === 'number') assert.ok(authTime <= seconds(), `${authTime}`)
      }
    })

    it(`that states ${what} does not reach a required acr, nor a second factor that is asked for`, async () => {
      const { visit } = await signedIn(statement)
      const essential = {
        claims: JSON.stringify({ id_token: { acr: { essential: true, values: [ACR.multiFactor] } } }),
      }
      for (const more of [essential, { acr_values: ACR.multiFactor }]) {
        assert.equal(errorOf(await visit.get(request({ ...more, prompt: 'none' }).url)), 'login_required')
      }
    })

    it(`that states ${what} is no recent sign-in, unless the provider has just confirmed one`, async () => {
      const { visit } = await signedIn(statement)
      const { location } = await visit.get(request({ max_age: '60', prompt: 'none' }).url)
      assert.equal(location?.searchParams.has('code'), what === 'a recent time' || what === 'a time to come')
    })

    it(`that states ${what} ends where another organization requires its own provider`, async () => {
      const { visit, there } = await signedIn(statement)
      const other = await company({ signIn: 'required', isVerified: false })
      // The domain changes hands. The links of the earlier organization stay, and so does its provider.
      await sql`UPDATE organization_domains SET verified_at = NULL WHERE organization_id = ${there.organizationId}`
      await sql`UPDATE organization_domains SET domain = ${there.domain}, verified_at = now()
        WHERE organization_id = ${other.organizationId}`
      assert.equal(errorOf(await visit.get(request({ prompt: 'none' }).url)), 'login_required')
    })
  }

  it('does not replace the second factor that an organization requires at the consent page', async () => {
    const { person, visit } = await signedIn(STATEMENTS['our own acr'] as () => Record<string, unknown>)
    const other = await company()
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      VALUES (${other.organizationId}, ${person.userId}, 'member')`
    await sql`UPDATE organizations SET require_second_factor = true, name = 'Strict' WHERE id = ${other.organizationId}`
    const app = await provider.client(await provider.person())
    const { clientId: client_id, redirectUri: redirect_uri } = app
    const scope = 'openid read:sandboxes'
    const page = await arrive(visit, authorizationRequest(issuer, { client_id, redirect_uri, scope }))
    assert.match(textOf(page), /Some organizations need a second factor, and you signed in without one/)
  })
})
