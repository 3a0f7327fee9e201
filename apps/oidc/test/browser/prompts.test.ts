import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { browser, claimsOf, PASSWORD, redeem, testProvider } from '../fixture.ts'
import { arrive, authorizationRequest, inputOf, send, textOf, visitor } from './visitor.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const ada = await provider.person()
const app = await provider.client(ada)
const request = (parameters: Record<string, string>) =>
  authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: app.redirectUri, ...parameters })
const signedIn = async () => {
  const at = browser(provider, ada)
  await at.authorize(app)
  return at
}

describe('prompt=create', () => {
  it('opens the sign-up page with the suggested address, and signs the new user in', async () => {
    const visit = visitor(issuer)
    const asked = request({ prompt: 'create', login_hint: 'new@example.com' })
    const page = await arrive(visit, asked)
    assert.match(textOf(page), /^Create/)
    assert.equal(inputOf(page, 'email'), 'new@example.com')
    const consent = await visit.follow(
      await send(visit, page, 'sign-up', {
        email: 'new@example.com',
        name: 'New',
        password: 'a long sentence of words 9',
      }),
    )
    const done = await visit.follow(await send(visit, consent, 'consent', { decision: 'allow' }))
    const code = done.location?.searchParams.get('code') ?? ''
    const { body } = await redeem(provider, app, {
      code,
      verifier: asked.verifier,
      redirectUri: app.redirectUri,
      callback: done.location ?? page.url,
    })
    assert.equal(body['error'], undefined)
    assert.notEqual(claimsOf(body['id_token'])['sub'], ada.userId)
  })

  it('opens the sign-up page for a user who is signed in too, and accepts a sign-in of another account there', async () => {
    const at = await signedIn()
    const page = await arrive(at.visitor, request({ prompt: 'create' }))
    assert.match(textOf(page), /^Create/)
    const signIn = await at.visitor.get(`${page.url.pathname}/sign-in`)
    const done = await at.visitor.follow(
      await send(at.visitor, signIn, 'sign-in', { email: ada.email, password: PASSWORD }),
    )
    assert.ok(done.location?.searchParams.get('code'))
  })
})

describe('prompt=select_account', () => {
  it('opens an empty sign-in page for a user who is signed in, once', async () => {
    const at = await signedIn()
    const page = await arrive(at.visitor, request({ prompt: 'select_account' }))
    assert.match(textOf(page), /^Sign in/)
    assert.equal(inputOf(page, 'email'), '')
    const done = await at.visitor.follow(
      await send(at.visitor, page, 'sign-in', { email: ada.email, password: PASSWORD }),
    )
    assert.ok(done.location?.searchParams.get('code'))
  })

  it('is satisfied by one sign-in before the consent page', async () => {
    const at = browser(provider, ada)
    const { answer } = await at.attempt(app, { prompt: 'select_account consent' })
    assert.ok(answer.location?.searchParams.get('code'), answer.html)
  })
})

describe('a prompt', () => {
  for (const prompt of ['none create', 'none select_account', 'create register', 'Create', 'signup']) {
    it(`is refused: ${prompt}`, async () => {
      const at = await signedIn()
      const { answer } = await at.attempt(app, { prompt })
      assert.equal(answer.location?.searchParams.get('code') ?? null, null)
      assert.match(answer.location?.searchParams.get('error') ?? answer.html, /invalid_request/)
    })
  }

  it('none is answered for a user who is signed in, and refused for another with the error of what is missing', async () => {
    const { answer } = await (await signedIn()).attempt(app, { prompt: 'none' })
    assert.ok(answer.location?.searchParams.get('code'))
    const { answer: refused } = await browser(provider, ada).attempt(app, { prompt: 'none' })
    assert.equal(refused.location?.searchParams.get('error'), 'login_required')
  })
})

describe('login_hint', () => {
  it('fills in the address, and never as markup', async () => {
    for (const hint of ['someone@example.com', '"><script>alert(1)</script>']) {
      const page = await arrive(visitor(issuer), request({ login_hint: hint }))
      assert.equal(page.html.includes('<script>'), false)
      assert.ok(page.html.includes(`value="${hint === 'someone@example.com' ? hint : '&quot;'}`))
    }
  })
})
