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
const right = { email: ada.email, password: PASSWORD }

const authorization = (extra: Record<string, string> = {}) =>
  authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT, ...extra })

async function openSignIn(extra: Record<string, string> = {}): Promise<{ visit: Visitor; page: Answer }> {
  const visit = visitor(provider.issuer)
  return { visit, page: await arrive(visit, authorization(extra)) }
}

async function openConsent(): Promise<{ visit: Visitor; page: Answer }> {
  const { visit, page } = await openSignIn({ prompt: 'consent' })
  return { visit, page: await visit.follow(await send(visit, page, 'sign-in', right)) }
}

describe('every form of an interaction', () => {
  const forms: [action: string, at: () => ReturnType<typeof openSignIn>, fields: Record<string, string>][] = [
    ['sign-in', openSignIn, right],
    ['sign-up', openSignIn, { email: 'forged@example.com', name: 'Eve', password: 'violin-harbor-teacup' }],
    ['cancel', openSignIn, {}],
    ['consent', openConsent, { decision: 'allow' }],
  ]

  for (const [action, at, fields] of forms) {
    it(`${action}: is refused without its token, with another one and from another origin`, async () => {
      const { visit, page } = await at()
      const csrf = inputOf(page, 'csrf')
      const path = `${page.url.pathname}/${action}`
      const other = await openSignIn()
      const attempts = [
        await visit.post(path, fields),
        await visit.post(path, { ...fields, csrf: '' }),
        await visit.post(path, { ...fields, csrf: inputOf(other.page, 'csrf') }),
        await visit.post(path, { ...fields, csrf }, { origin: 'https://evil.example' }),
        await visit.post(path, { ...fields, csrf }, { origin: 'null' }),
        await visit.post(path, { ...fields, csrf }, { 'sec-fetch-site': 'cross-site' }),
        await visit.post(path, { ...fields, csrf }, { 'sec-fetch-site': 'same-site' }),
      ]
      for (const answer of attempts) {
        assert.equal(answer.status, 403)
        assert.match(textOf(answer), /^That did not work/)
      }
      assert.equal((await visit.post(path, { ...fields, csrf }, { 'sec-fetch-site': 'same-origin' })).status, 303)
    })

    it(`${action}: is refused in a browser that did not start the interaction, even with a valid token`, async () => {
      const attacker = await at()
      const path = `${attacker.page.url.pathname}/${action}`
      const csrf = inputOf(attacker.page, 'csrf')
      for (const victim of [visitor(provider.issuer), (await openSignIn()).visit]) {
        const answer = await victim.post(path, { ...fields, csrf })
        assert.equal(answer.status, 400)
        assert.match(textOf(answer), /^This sign-in has expired/)
        assert.deepEqual(
          victim.cookies.filter(({ name }) => name.includes('_session')),
          [],
        )
      }
    })
  }

  it('is refused with the cookie of another interaction in place of its own', async () => {
    const [mine, theirs] = [await openSignIn(), await openSignIn()]
    const path = theirs.page.url.pathname
    for (const cookie of mine.visit.cookies) {
      if (cookie.name.includes('_interaction')) mine.visit.plant({ ...cookie, path })
    }
    const answer = await mine.visit.post(`${path}/sign-in`, { ...right, csrf: inputOf(theirs.page, 'csrf') })
    assert.equal(answer.status, 400)
  })

  it('is answered with an error page if it is malformed or too large', async () => {
    const { visit, page } = await openSignIn()
    const cookie = visit.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    for (const [body, type, status] of [
      ['{"email":"x"}', 'application/json', 415],
      ['email=x', 'text/plain', 415],
      [`email=${'x'.repeat(70_000)}`, 'application/x-www-form-urlencoded', 413],
      ['__proto__=1&constructor=2&csrf=%00', 'application/x-www-form-urlencoded', 403],
    ] as const) {
      const response = await fetch(`${page.url.href}/sign-in`, {
        method: 'POST',
        body,
        headers: { 'content-type': type, cookie },
      })
      assert.equal(response.status, status)
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    }
  })

  it('is processed once only', async () => {
    const { visit, page } = await openConsent()
    const done = await visit.follow(await send(visit, page, 'consent', { decision: 'allow' }))
    assert.equal(done.location?.origin, 'https://cobalt.example')
    const again = await send(visit, page, 'consent', { decision: 'allow' })
    assert.equal(again.status, 400)
    assert.match(textOf(again), /^This sign-in has expired/)
  })

  it('shows no consent page before a user is signed in', async () => {
    const { visit, page } = await openSignIn()
    assert.equal((await send(visit, page, 'consent', { decision: 'allow' })).status, 400)
  })
})

describe('every page', () => {
  async function pages(): Promise<[name: string, page: Answer][]> {
    const { visit, page } = await openSignIn()
    const wrong = await send(visit, page, 'sign-in', { email: 'x', password: 'x' })
    const signUp = await visit.get(`${page.url.href}/sign-up`)
    const signIn = await visit.get(`${page.url.href}/sign-in`)
    const { visit: signedIn, page: consent } = await openConsent()
    const signOut = await signedIn.get(
      `/oauth/logout?${new URLSearchParams({ client_id: clientId, post_logout_redirect_uri: LOGGED_OUT })}`,
    )
    const fields = { xsrf: inputOf(signOut, 'xsrf'), logout: 'yes' }
    const toApp = await signedIn.post('/oauth/logout/confirm', fields)
    assert.equal(toApp.location?.href, LOGGED_OUT)
    return [
      ['leaving for the app', toApp],
      ['error while signed out', await visit.get(authorization({ response_mode: 'nope' }).url)],
      ['sign-in', page],
      ['sign-in for another account', signIn],
      ['sign-in with a problem', wrong],
      ['sign-up', signUp],
      ['consent', consent],
      ['sign-out', signOut],
      ['signed-out', await visit.get('/oauth/logout/success')],
      ['refused form', await visit.post(`${page.url.pathname}/sign-in`, {})],
      ['no interaction', await visit.get('/oauth/interaction/nope')],
      ['unknown client', await visit.get('/oauth/authorize?client_id=nope')],
      [
        'unknown redirect URI',
        await visit.get(
          authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: 'https://evil.example' }).url,
        ),
      ],
      ['expired resume', await visit.get('/oauth/authorize/nope')],
      ['bad sign-out', await visit.get('/oauth/logout?id_token_hint=nope')],
    ]
  }

  it('cannot be framed, runs no script but the one of passkeys, loads nothing from other origins and is not cached', async () => {
    for (const [name, page] of await pages()) {
      assert.match(page.html, /^<!doctype html>/i, name)
      const hasPasskeys = page.html.includes('data-passkey=')
      const scripts = [...page.html.matchAll(/<script[^>]*>[^<]*/g)].map(([tag]) => tag)
      assert.equal(scripts.length, hasPasskeys ? 1 : 0, name)
      for (const tag of scripts) assert.match(tag, /^<script type="module" src="\/oauth\/assets\/passkeys\.\w+\.js">$/)
      assert.ok(!/<style|\son\w+=|\sstyle=|javascript:/i.test(page.html), name)
      const header = (key: string) => page.headers.get(key)
      assert.deepEqual(
        {
          csp: header('content-security-policy'),
          frames: header('x-frame-options'),
          sniffing: header('x-content-type-options'),
          referrer: header('referrer-policy'),
          cache: header('cache-control'),
          type: header('content-type'),
        },
        {
          csp: `default-src 'none'; style-src 'self'; img-src 'self'; ${hasPasskeys ? "script-src 'self'; " : ''}form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
          frames: 'DENY',
          sniffing: 'nosniff',
          referrer: 'same-origin',
          cache: 'no-store',
          type: 'text/html; charset=utf-8',
        },
        name,
      )
    }
  })

  it('has a descriptive title and heading, and a label for every field', async () => {
    for (const [name, { html }] of await pages()) {
      assert.match(html, /<html lang="en">/, name)
      assert.match(html, /<title>[^<]+ · Daytona<\/title>/, name)
      assert.equal(html.match(/<h1>/g)?.length, 1, name)
      for (const [, id] of html.matchAll(/<input id="([^"]+)"/g)) assert.ok(html.includes(`<label for="${id}">`), name)
    }
  })

  it('escapes everything that it repeats', async () => {
    const evil = '"><img src=x onerror=alert(1)>'
    const { visit, page } = await openSignIn()
    const answers = [
      await send(visit, page, 'sign-in', { email: evil, password: evil }),
      await send(visit, page, 'sign-up', { email: evil, name: evil, password: evil }),
      await visit.get(`/oauth/authorize?client_id=${encodeURIComponent(evil)}`),
      await visit.get(`/oauth/interaction/${encodeURIComponent(evil)}`),
    ]
    for (const { html } of answers) assert.ok(!html.includes('<img'))
  })
})

describe('the log', () => {
  it('contains nothing that was typed, and no secret that the browser keeps', async () => {
    const { visit, page } = await openConsent()
    const typo = 'violin-harbor-mistyped'
    await send(visit, page, 'sign-in', { email: ada.email, password: typo })
    const { location } = await visit.follow(await send(visit, page, 'consent', { decision: 'allow' }))
    const secrets = [
      PASSWORD,
      typo,
      inputOf(page, 'csrf'),
      location?.searchParams.get('code') ?? '',
      ...visit.cookies.map(({ value }) => value),
    ]
    assert.ok(secrets.length > 5 && secrets.every((secret) => secret.length > 10))
    const log = provider.log.text()
    for (const secret of secrets) assert.ok(!log.includes(secret), secret)
  })
})

describe('the stylesheet', () => {
  it('is served with an immutable URL of its content’s hash, and under no other name', async () => {
    const { page } = await openSignIn()
    const path = /href="(\/oauth\/assets\/style\.[0-9a-f]{16}\.css)"/.exec(page.html)?.[1] ?? ''
    const response = await fetch(new URL(path, provider.issuer))
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal(response.headers.get('content-type'), 'text/css; charset=utf-8')
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    for (const other of ['/oauth/assets/style.css', '/oauth/assets/../pages.ts', '/oauth/assets/layout.eta']) {
      assert.equal((await fetch(new URL(other, provider.issuer))).status, 404)
    }
  })
})
