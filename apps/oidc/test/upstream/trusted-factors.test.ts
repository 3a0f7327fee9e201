import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { inputOf, textOf } from '../browser/visitor.ts'
import { acme, answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

const mock = await mockUpstream({ after })
const env = { ...acme(mock.issuer), UPSTREAM_ACME_TRUST_MFA: 'true' }
const { provider, open, begin } = await providerWithUpstream({ after }, env)
const { $client: sql } = provider.database
const REQUIRED = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: [ACR.multiFactor] } } }) }

beforeEach(() => mock.reset())

let people = 0
/** Signs a new person in with the upstream provider. Returns the last page or redirect, and the session. */
async function signIn(claims: Record<string, unknown>, parameters: Record<string, string> = {}) {
  people += 1
  const sub = `person ${people}`
  mock.claims = { sub, email: `person-${people}@acme.example`, email_verified: true, ...mock.claims, ...claims }
  const { visit, page } = await open(parameters)
  const answer = await visit.follow(await visit.get(await answerOf(await begin(visit, page))))
  const [session] = await sql`
    SELECT payload -> 'acr' AS acr, payload -> 'amr' AS amr FROM oidc_artifacts
    JOIN user_identities ON user_id = account_id WHERE model = 'Session' AND subject = ${String(mock.claims['sub'])}`
  return { visit, answer, session: session && { ...session } }
}
const errorOf = ({ location }: { readonly location: URL | undefined }) => location?.searchParams.get('error')

describe('a trusted upstream provider', () => {
  const others: Record<string, unknown> = {
    'no methods': undefined,
    'one factor': ['pwd'],
    'several methods without mfa': ['pwd', 'otp'],
    'a text': 'mfa',
    'a list in a list': [['mfa']],
    'another case': ['MFA'],
    'an object': { mfa: true, length: 1 },
    'a long list': [...Array.from({ length: 30 }, () => 'pwd'), 'mfa'],
  }
  for (const [what, amr] of Object.entries(others)) {
    it(`that states ${what} is one factor`, async () => {
      const { session } = await signIn({ amr })
      assert.deepEqual(session, { acr: null, amr: null })
    })
  }

  it('does not state it in an acr or in userinfo, which is not of this sign-in', async () => {
    mock.userinfo = { amr: ['mfa'], email: 'userinfo@acme.example', email_verified: true }
    const { session } = await signIn({ acr: ACR.multiFactor, email: undefined, email_verified: undefined })
    assert.deepEqual(session, { acr: null, amr: null })
  })

  it('that states one factor does not reach a required acr', async () => {
    const { answer } = await signIn({ amr: ['pwd'] }, REQUIRED)
    assert.equal(errorOf(answer), 'unmet_authentication_requirements')
  })

  it('does not replace the second factor of an account that has one', async () => {
    const ada = await provider.person()
    await addAuthenticatorApp(provider, ada)
    await sql`
      INSERT INTO user_identities (user_id, issuer, subject, email)
      VALUES (${ada.userId}, ${mock.issuer}, ${ada.userId}, ${ada.email})`
    const { answer, session } = await signIn({ sub: ada.userId, amr: ['mfa'] })
    assert.match(textOf(answer), /Enter the code that your authenticator app shows/)
    assert.equal(session, undefined)
  })

  it('that states mfa is a sign-in with a second factor, with the methods that are known', async () => {
    const { answer, session } = await signIn({ amr: ['pwd', 'face', 'mfa', 1, 'mfa', null] }, REQUIRED)
    assert.deepEqual(session, { acr: ACR.multiFactor, amr: ['pwd', 'mfa'] })
    assert.match(textOf(answer), /Example App|Allow/)
    assert.equal(errorOf(answer), undefined)
  })

  it('ends every session if it is unlinked, but none while it is the only way in', async () => {
    const ada = await provider.person()
    await sql`
      INSERT INTO user_identities (user_id, issuer, subject, email)
      VALUES (${ada.userId}, ${mock.issuer}, ${ada.userId}, ${ada.email})`
    const credentials = await sql`DELETE FROM user_credentials WHERE user_id = ${ada.userId} RETURNING *`
    await signIn({ sub: ada.userId, amr: ['pwd', 'mfa'] })
    const { visit } = await signIn({ sub: ada.userId, amr: ['pwd', 'mfa'] })
    const sessionsOf = async () =>
      (await sql`SELECT FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${ada.userId}`).length
    const unlink = async () => {
      const csrf = inputOf(await visit.get(ACCOUNT_PAGES.signIns), 'csrf')
      return visit.post(ACCOUNT_PAGES.signIns, { csrf, issuer: mock.issuer })
    }
    assert.equal((await unlink()).status, 409)
    assert.equal(await sessionsOf(), 2)
    await sql`INSERT INTO user_credentials ${sql(credentials)}`
    assert.equal((await unlink()).status, 303)
    assert.equal(await sessionsOf(), 0)
    const [event] = await sql`
      SELECT metadata FROM audit_events WHERE action = 'user.unlink_identity' AND actor_id = ${ada.userId}`
    assert.deepEqual(event?.['metadata'], { issuer: mock.issuer, endedSessions: 2, endedGrants: 0, endedKeys: 0 })
  })
})
