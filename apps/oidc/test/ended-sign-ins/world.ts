import assert from 'node:assert/strict'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import { freePort, type Scope } from '@daytona-auth/testing'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { type Answer, authorizationRequest, inputOf, send, type Visitor, visitor } from '../browser/visitor.ts'
import { DASHBOARD, PASSWORD, type Person, redeem, type TestClient } from '../fixture.ts'
import { softwareAuthenticator } from '../software-authenticator.ts'
import { type Company, companies } from '../upstream/companies.ts'
import { acme, answerOf } from '../upstream/mock-upstream.ts'

const MANY = '100000'
const PASSKEYS = '/oauth/account/passkeys'
const RESUME = /^\/oauth\/authorize\/[^/]+$/

/** A sign-in whose last step was right, before its browser continues. */
export interface MadeSignIn {
  readonly userId: UserId
  readonly visit: Visitor
  /** Where the browser gets its session. */
  readonly resume: URL
  readonly client: TestClient
  /** The PKCE verifier of the authorization. */
  readonly verifier: string
  readonly company?: Company | undefined
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** A provider with a provider of the deployment and those of organizations, and the ways to sign in to an app. */
export async function createWorld(scope: Scope) {
  // The id of a relying party is a domain.
  const port = String(await freePort())
  const deployment = 'https://login.acme.example'
  const there = await companies(scope, {
    ...acme(deployment),
    ISSUER: `http://localhost:${port}`,
    PORT: port,
    ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: MANY,
    FAILED_SIGN_INS_ADDRESS_LIMIT: MANY,
    SIGN_UPS_ADDRESS_LIMIT: MANY,
  })
  const { provider, mock, sql } = there
  const { issuer, database } = provider
  const dashboard = DASHBOARD(issuer)
  const app = await provider.client(await provider.person(), { type: 'spa', redirectUris: ['https://cobalt.example/'] })

  const change = <T>(make: (tx: AuditedTx) => Promise<T>) => inAudit(database, systemAuthority('test'), [], make)

  async function arrive(client: TestClient, visit = visitor(issuer)) {
    const { clientId: client_id, redirectUri: redirect_uri } = client
    const { url, verifier } = authorizationRequest(issuer, { client_id, redirect_uri })
    return { visit, verifier, page: await visit.follow(await visit.get(url)) }
  }

  /** Follows redirects up to the one that resumes the authorization. */
  async function untilResumed(visit: Visitor, answer: Answer): Promise<URL> {
    let current = answer
    while (current.location && !RESUME.test(current.location.pathname)) current = await visit.get(current.location)
    assert.ok(current.location, current.html)
    return current.location
  }

  /** Signs in with a password and, for an account with an authenticator app, a code. */
  async function withPassword(client: TestClient, person: Person, code?: string, visit?: Visitor, trust = '') {
    const { visit: browser, verifier, page } = await arrive(client, visit)
    let answer = await send(browser, page, 'sign-in', { email: person.email, password: PASSWORD })
    if (code !== undefined) {
      const method = code.length > 6 ? 'recovery-code' : 'totp'
      answer = await send(browser, answer, 'second-factor', {
        ticket: inputOf(answer, 'ticket'),
        method,
        code,
        trust,
      })
    }
    return { userId: person.userId, client, verifier, visit: browser, resume: await untilResumed(browser, answer) }
  }

  async function withAuthenticatorApp(client: TestClient) {
    const person = await provider.person()
    const authenticator = await addAuthenticatorApp(provider, person)
    return withPassword(client, person, authenticator.codeAt(Date.now()))
  }

  async function withRecoveryCode(client: TestClient) {
    const person = await provider.person()
    const { recoveryCodes } = await addAuthenticatorApp(provider, person)
    return withPassword(client, person, recoveryCodes[0])
  }

  async function inTrustedBrowser(client: TestClient) {
    const person = await provider.person()
    const authenticator = await addAuthenticatorApp(provider, person)
    const { visit: before } = await withPassword(client, person, authenticator.codeAt(Date.now()), undefined, 'yes')
    const visit = visitor(issuer)
    for (const cookie of before.cookies) if (cookie.name.endsWith('_trusted')) visit.plant(cookie)
    return withPassword(client, person, undefined, visit)
  }

  async function withPasskey(client: TestClient): Promise<MadeSignIn> {
    const person = await provider.person()
    const authenticator = softwareAuthenticator(issuer)
    const visit = visitor(issuer)
    const signIn = await visit.follow(await visit.get(PASSKEYS))
    const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: person.email, password: PASSWORD }))
    const csrf = inputOf(page, 'csrf')
    const added = await visit.post(PASSKEYS, { csrf, response: authenticator.create(optionsOf(page)) })
    assert.equal(added.status, 200, added.html)
    const { visit: browser, verifier, page: start } = await arrive(client)
    const passkey = await browser.get(/href="([^"]*\/passkey)"/.exec(start.html)?.[1] ?? '')
    const answer = await send(browser, passkey, 'passkey', { response: authenticator.get(optionsOf(passkey)) })
    return { userId: person.userId, client, verifier, visit: browser, resume: await untilResumed(browser, answer) }
  }

  /** Signs in with the identity provider of an organization, which has linked an account with a password. */
  async function withOrganization(client: TestClient): Promise<MadeSignIn> {
    const company = await there.company()
    const person = await there.employee(company)
    await sql`INSERT INTO organization_identities (organization_id, user_id, issuer, subject)
      VALUES (${company.organizationId}, ${person.userId}, ${mock.issuer}, ${person.userId})`
    mock.claims = { sub: person.userId, email: person.email, email_verified: true }
    const { visit, verifier, page } = await arrive(client)
    const { location } = await send(visit, page, 'organization', { email: person.email, password: '' })
    assert.ok(location)
    const resume = await untilResumed(visit, await visit.get(await answerOf(location)))
    return { userId: person.userId, client, verifier, visit, resume, company }
  }

  /** Whether the last answer has a code that an app gets tokens for. */
  async function givesTokens({ client, verifier }: MadeSignIn, { location }: Answer): Promise<boolean> {
    const code = location?.searchParams.get('code')
    if (!location || !code) return false
    const { redirectUri } = client
    return (await redeem(provider, client, { code, verifier, redirectUri, callback: location })).status === 200
  }

  /** Whether a browser has a session that the dashboard gets a code from, without a page. */
  async function isSignedIn(visit: Visitor): Promise<boolean> {
    const { clientId: client_id, redirectUri: redirect_uri } = dashboard
    const { url } = authorizationRequest(issuer, { client_id, redirect_uri, prompt: 'none' })
    const { location } = await visit.get(url)
    return location?.searchParams.has('code') === true
  }

  return {
    ...there,
    app,
    dashboard,
    change,
    withPassword,
    withAuthenticatorApp,
    withRecoveryCode,
    inTrustedBrowser,
    withPasskey,
    withOrganization,
    givesTokens,
    isSignedIn,
  }
}

const optionsOf = ({ html }: Answer) => (/data-options="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"')
