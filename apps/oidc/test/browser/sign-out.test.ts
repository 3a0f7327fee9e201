import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testProvider } from '../fixture.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, textOf, type Visitor, visitor } from './visitor.ts'

const REDIRECT = 'https://cobalt.example/callback'
const LOGGED_OUT = 'https://cobalt.example/bye'

const provider = await testProvider({ after })
const ada = await provider.person()
const { clientId } = await provider.client(ada, {
  type: 'spa',
  redirectUris: [REDIRECT],
  postLogoutRedirectUris: [LOGGED_OUT],
})

const authorization = (extra: Record<string, string> = {}) =>
  authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT, ...extra })

async function atConsent(): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(provider.issuer)
  const page = await arrive(visit, authorization({ prompt: 'consent' }))
  return {
    visit,
    page: await visit.follow(await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD })),
  }
}

describe('sign-out', () => {
  const path = (parameters: Record<string, string>) => `/oauth/logout?${new URLSearchParams(parameters)}`

  it('shows only a link if no user is signed in and nothing proves that the app knows this browser', async () => {
    const visit = visitor(provider.issuer)
    const answer = await visit.get(path({ client_id: clientId, post_logout_redirect_uri: LOGGED_OUT, state: 'kept' }))
    assert.deepEqual([answer.status, answer.location], [200, undefined])
    assert.match(textOf(answer), /^You are signed out .* Go back to cobalt\.example$/)
    assert.ok(answer.html.includes(`<a href="${LOGGED_OUT}?state=kept"`))
    const page = await visit.follow(await visit.get(path({ state: 'dropped' })))
    assert.equal(page.url.href, `${provider.issuer}/oauth/logout/success`)
    assert.match(textOf(page), /^You are signed out/)
  })

  it('redirects to registered addresses only', async () => {
    const { visit } = await atConsent()
    for (const browser of [visit, visitor(provider.issuer)]) {
      for (const uri of ['https://evil.example/', `${LOGGED_OUT}/`, `${LOGGED_OUT}?x=1`, 'javascript:alert(1)']) {
        const answer = await browser.get(path({ client_id: clientId, post_logout_redirect_uri: uri }))
        assert.equal(answer.status, 400)
        assert.equal(answer.location, undefined)
      }
    }
    const unasked = await visitor(provider.issuer).get(path({ post_logout_redirect_uri: 'https://evil.example/' }))
    assert.equal(unasked.location?.href, `${provider.issuer}/oauth/logout/success`)
  })

  it('asks for confirmation, and ignores a cross-origin form', async () => {
    const { visit } = await atConsent()
    const page = await visit.get(path({ client_id: clientId }))
    assert.match(textOf(page), /^Sign out\? Example App asks to sign you out/)
    const forged = await visit.post('/oauth/logout/confirm', { xsrf: 'x'.repeat(48), logout: 'yes' })
    assert.equal(forged.status, 400)
    assert.match(textOf(await visit.follow(await visit.get(authorization({ prompt: 'consent' }).url))), /wants to use/)
  })

  it('of one app only leaves the person signed in', async () => {
    const { visit } = await atConsent()
    const page = await visit.get(path({ client_id: clientId }))
    const done = await visit.follow(await visit.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf') }))
    assert.match(textOf(done), /^Signed out of Example App You are still signed in to Daytona/)
    assert.match(textOf(await arrive(visit, authorization({ prompt: 'consent' }))), /wants to use/)
  })
})
