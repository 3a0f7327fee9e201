import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { type Answer, authorizationRequest, inputOf, send, visitor } from './browser/visitor.ts'
import { PASSWORD, redeem, refresh, testProvider, userinfo } from './fixture.ts'

const part = new URL('../', import.meta.url)
const root = new URL('../../', part)

describe('REQUIREMENTS.md', async () => {
  const text = await readFile(new URL('REQUIREMENTS.md', part), 'utf8')
  const rows = [...text.matchAll(/^\| (.+) \| `(.+)` \| (.+) \|$/gm)].map(
    ([, requirement = '', path = '', title = '']) => ({
      requirement,
      path,
      title,
    }),
  )

  it('has the rows that are checked here', () => assert.ok(rows.length > 70, String(rows.length)))

  it('names a test for each requirement', async () => {
    const missing: string[] = []
    for (const { requirement, path, title } of rows) {
      const source = await readFile(new URL(path, path.startsWith('packages/') ? root : part), 'utf8')
      // Within the title of a test, which a template may continue.
      const titles = [...source.matchAll(/\bit\(\s*(['`])(.*?)\1,/gs)].map(([, , name = '']) => name)
      if (!titles.some((name) => name.includes(title))) missing.push(`${requirement}: ${path}`)
    }
    assert.deepEqual(missing, [])
  })
})

describe('every URL from an app’s link to its refreshed tokens', () => {
  it('contains no credential, except the code at the app', async () => {
    const provider = await testProvider({ after })
    const { issuer } = provider
    const person = await provider.person()
    const app = await provider.client(person)
    const request = authorizationRequest(issuer, {
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
      scope: 'openid offline_access',
    })
    const visit = visitor(issuer)
    const pages: Answer[] = []
    // Those of every step: a sign-in changes the session's. The cookie of an interaction has the id that its pages have.
    const cookies = new Set<string>()
    const keepCookies = () => {
      for (const { name, value } of visit.cookies) if (name.endsWith('session')) cookies.add(value)
    }
    const step = async (answer: Promise<Answer>) => {
      let current = await answer
      for (pages.push(current); current.location?.origin === issuer; pages.push(current)) {
        keepCookies()
        current = await visit.get(current.location)
      }
      keepCookies()
      return current
    }
    const signIn = await step(visit.get(request.url))
    const consent = await step(send(visit, signIn, 'sign-in', { email: person.email, password: PASSWORD }))
    const end = await step(send(visit, consent, 'consent', { decision: 'allow' }))
    const callback = end.location ?? new URL(issuer)
    const code = callback.searchParams.get('code') ?? ''
    assert.equal(callback.origin, new URL(app.redirectUri).origin)
    const { body } = await redeem(provider, app, {
      code,
      verifier: request.verifier,
      redirectUri: app.redirectUri,
      callback,
    })
    const next = await refresh(provider, app, body['refresh_token'] ?? '')
    assert.equal((await userinfo(provider, next.body['access_token'] ?? '')).status, 200)

    const tokens = [body, next.body].flatMap((one) => [one['access_token'], one['refresh_token'], one['id_token']])
    const forms = [signIn, consent].map((page) => inputOf(page, 'csrf'))
    const secrets = [PASSWORD, app.secret, request.verifier, ...tokens, ...forms, ...cookies]
    const urls = pages.flatMap(({ url, location, html }) => [
      url.href,
      location?.href ?? '',
      ...[...html.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, href = '']) => href),
    ])
    assert.ok(urls.length > 10 && cookies.size > 0)
    // 307 and 308 would send a form on (RFC 9700 §4.12).
    for (const { status, url } of pages) assert.ok([200, 303].includes(status), `${status} ${url.pathname}`)
    for (const url of new Set(urls)) {
      const decoded = decodeURIComponent(url)
      for (const secret of secrets) assert.ok(!secret || !decoded.includes(secret), url)
      if (decoded.includes(code)) assert.ok(decoded.startsWith(app.redirectUri), url)
    }
  })
})
