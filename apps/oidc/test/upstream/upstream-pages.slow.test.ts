import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { assertAccessible } from '../browser/accessible.ts'
import { authorizationRequest } from '../browser/visitor.ts'
import { acme, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

describe('the sign-in page with upstream providers in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const mock = await mockUpstream({ after })
  const { provider, app } = await providerWithUpstream(
    { after },
    {
      ...acme(mock.issuer),
      UPSTREAM_ACME_LABEL: 'Acme Corporation',
      UPSTREAM_GITHUB_CLIENT_ID: 'daytona',
      UPSTREAM_GITHUB_CLIENT_SECRET: 'secret',
    },
  )
  const chromium = await launchBrowser({ after })
  const request = () =>
    authorizationRequest(provider.issuer, { client_id: app.clientId, redirect_uri: app.redirectUri }).url

  it('leads to the provider and back without JavaScript, under the policy of our pages', async (t) => {
    mock.claims = { sub: 'ada', email: 'ada@acme.example', email_verified: true, name: 'Ada' }
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    const denials: string[] = []
    page.on('console', (message) => denials.push(message.text()))
    await page.goto(request())
    await page.getByRole('button', { name: 'Continue with Acme Corporation' }).click()
    await page.getByText('ada@acme.example').waitFor()
    assert.deepEqual(denials, [])
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`meets WCAG 2.2 AA, ${colorScheme}, at ${width} px, also when it connects an account`, async (t) => {
        const ada = await provider.person()
        mock.claims = { sub: ada.userId, email: ada.email, email_verified: true }
        const context = await chromium.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
        t.after(() => context.close())
        const page = await context.newPage()
        await page.goto(request())
        await assertAccessible(page, 'sign-in')
        await page.getByRole('button', { name: 'Continue with Acme Corporation' }).click()
        await page.getByRole('heading', { name: 'Connect Acme Corporation' }).waitFor()
        await assertAccessible(page, 'connect')
      })
    }
  }
})
