import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { browser, claimsOf, PASSWORD, redeem, testProvider } from '../fixture.ts'
import { type Answer, arrive, authorizationRequest, inputOf, send, textOf, visitor } from './visitor.ts'

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

describe('ui_locales', () => {
  const inGerman = { 'accept-language': 'fr;q=0.9, de-AT;q=0.8, en;q=0.5' }
  const languageOf = ({ html, headers }: Answer) => {
    assert.equal(headers.get('content-language'), /<html lang="(..)">/.exec(html)?.[1])
    assert.match(headers.get('vary') ?? '', /accept-language/i)
    return headers.get('content-language')
  }

  it('decides the language of every page of the authorization, before the Accept-Language of the browser', async () => {
    const visit = visitor(issuer, { 'accept-language': 'en' })
    const page = await arrive(visit, request({ ui_locales: 'fr de', max_age: '0' }))
    assert.equal(languageOf(page), 'de')
    assert.match(textOf(page), /^Anmelden/)
    const wrong = await send(visit, page, 'sign-in', { email: ada.email, password: 'wrong' })
    assert.equal(languageOf(wrong), 'de')
    assert.match(wrong.html, /<title>Fehler: Anmelden · Daytona<\/title>/)
    assert.match(textOf(wrong), /Diese E-Mail-Adresse und dieses Passwort gehören zu keinem Konto\./)
    const english = await arrive(visitor(issuer, inGerman), request({ ui_locales: 'en' }))
    assert.equal(languageOf(english), 'en')
  })

  it('is the default: without it the browser decides, and otherwise the page is English', async () => {
    assert.equal(languageOf(await arrive(visitor(issuer, inGerman), request({}))), 'de')
    assert.equal(languageOf(await arrive(visitor(issuer, inGerman), request({ ui_locales: 'ja' }))), 'de')
    assert.equal(languageOf(await arrive(visitor(issuer), request({ ui_locales: 'ja' }))), 'en')
  })

  it('decides the language of error pages: of the library, of the pages and of denied requests', async () => {
    const visit = visitor(issuer, inGerman)
    const errors = await Promise.all([
      visit.get(request({ client_id: 'unknown' }).url),
      visit.get(`${issuer}/oauth/interaction/unknown`),
      visit.get(`${issuer}/nowhere`),
    ])
    assert.deepEqual(errors.map(languageOf), ['de', 'de', 'de'])
    assert.deepEqual(
      errors.map((page) => /<h1>(.*)<\/h1>/.exec(page.html)?.[1]),
      ['Diese Anfrage kann nicht fortgesetzt werden', 'Diese Anmeldung ist abgelaufen', 'Hier ist nichts'],
    )
    const asked = await visitor(issuer).get(request({ client_id: 'unknown', ui_locales: 'de' }).url)
    assert.equal(languageOf(asked), 'de')
  })
})
