import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { authorizationRequest } from './visitor.ts'

/** Starts a site that answers with a page; `redirecting` paths redirect the browser to `target`. */
async function startSite(target?: () => string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      if (target && request.url !== '/') response.writeHead(302, { location: target() }).end()
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Arrived</title><h1>Arrived</h1>')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // listens on TCP
  // Cross-site to the provider's `127.0.0.1`.
  return `http://localhost:${port}`
}

describe('an app that redirects to another origin, in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const provider = await testProvider({ after })
  const chromium = await launchBrowser({ after })
  const end = await startSite()
  const app = await startSite(() => `${end.replace('localhost', '127.0.0.1')}/end`)
  const developer = await provider.person()
  const client = await provider.client(developer, {
    type: 'web',
    redirectUris: [`${app}/callback`],
    postLogoutRedirectUris: [`${app}/bye`],
  })
  const arrived = `${end.replace('localhost', '127.0.0.1')}/end`

  async function signIn(page: Page, { email }: Person): Promise<void> {
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const cases: [name: string, javaScriptEnabled: boolean, parameters: Record<string, string>][] = [
    ['after its callback', true, {}],
    ['after its callback, without JavaScript', false, {}],
    ['after a response as a form', true, { response_mode: 'form_post' }],
    ['after a response in the fragment', true, { response_mode: 'fragment' }],
  ]
  for (const [name, javaScriptEnabled, parameters] of cases) {
    it(`receives the person ${name}, after consent, after a denial and after a sign-out`, async (t) => {
      const ada = await provider.person()
      const context = await chromium.newContext({ javaScriptEnabled })
      t.after(() => context.close())
      const page = await context.newPage()
      const denials: string[] = []
      page.on('console', (message) => {
        if (/Content Security Policy|form-action/i.test(message.text())) denials.push(message.text())
      })
      const { url } = authorizationRequest(provider.issuer, {
        client_id: client.clientId,
        redirect_uri: client.redirectUri,
        scope: 'openid',
        prompt: 'consent',
        ...parameters,
      })
      const policies: string[] = []
      page.on('response', (response) => {
        const policy = response.headers()['content-security-policy']
        if (policy?.includes('form-action')) policies.push(policy)
      })

      for (const answer of ['Deny', 'Allow access']) {
        await page.goto(url)
        if (answer === 'Deny') await signIn(page, ada)
        await page.getByRole('button', { name: answer }).click()
        await page.waitForURL((at) => at.href.startsWith(arrived))
      }
      const [{ count } = { count: 0 }] = await provider.database.$client<{ count: number }[]>`
        SELECT count(*)::int FROM grants WHERE user_id = ${ada.userId}`
      assert.equal(count, 1)

      const query = new URLSearchParams({ client_id: client.clientId, post_logout_redirect_uri: `${app}/bye` })
      await page.goto(`${provider.issuer}/oauth/logout?${query}`)
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.waitForURL((at) => at.href.startsWith(arrived))

      assert.deepEqual(denials, [])
      const isFormPost = parameters['response_mode'] === 'form_post'
      for (const policy of policies) {
        assert.match(policy, isFormPost ? /form-action ('self'|https: http:);/ : /form-action 'self';/)
      }
    })
  }
})
