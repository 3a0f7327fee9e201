import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { PASSWORD, type Person, type TestClient, testProvider } from '../fixture.ts'
import { assertAccessible } from './accessible.ts'
import { organizationOf } from './harness.ts'
import { authorizationRequest } from './visitor.ts'

/** Not much more than without organizations, with a search: one below the other, thirty of them took 3,000 px. */
const MAX_HEIGHT = 1750

describe('the consent page in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const provider = await testProvider({ after })
  const chromium = await launchBrowser({ after })
  const developer = await provider.person()
  const SCOPES = ['openid', 'email', 'read:sandboxes', 'write:sandboxes', 'admin:organization']

  const request = ({ clientId, redirectUri }: TestClient, scope: string) =>
    authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: redirectUri, scope, prompt: 'consent' })
      .url

  async function open(page: Page, { email }: Person, url: string) {
    await page.goto(url)
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: /wants to use your account/ }).waitFor()
  }

  async function memberOfMany(): Promise<Person> {
    const person = await provider.person()
    for (let number = 1; number <= 30; number += 1)
      await organizationOf(provider, person, `Analytical Engines ${number}`)
    return person
  }

  it('lets a person leave out a scope and choose among thirty organizations, without JavaScript', async (t) => {
    const [ada, client] = [await memberOfMany(), await provider.client(developer, { scopes: SCOPES })]
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    const denials: string[] = []
    page.on('console', (message) => denials.push(message.text()))
    await open(page, ada, request(client, 'openid email read:sandboxes write:sandboxes'))
    await page.getByLabel('Create, update, and delete sandboxes').uncheck()
    await page.getByLabel('Analytical Engines 30').check()
    // The app's host does not exist: the request to it shows what it got.
    await page.route(`${client.redirectUri}**`, (route) => route.fulfill({ body: 'the app' }))
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.waitForURL(`${client.redirectUri}**`)
    const [grant] = await provider.database.$client`
      SELECT scopes, cardinality(organization_ids) AS organizations FROM grants WHERE user_id = ${ada.userId}`
    assert.deepEqual({ ...grant }, { scopes: ['openid', 'email', 'read:sandboxes'], organizations: 1 })
    assert.deepEqual(denials, [])
  })

  it('allows and requests nothing by the Enter key in a field, without JavaScript', async (t) => {
    const [ada, client] = [await provider.person(), await provider.client(developer, { scopes: SCOPES })]
    const { $client: sql } = provider.database
    const strict = await organizationOf(provider, ada, 'Strict')
    await sql`UPDATE organizations SET app_access = 'by_approval' WHERE id = ${strict}`
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    await open(page, ada, request(client, 'openid email read:sandboxes'))
    await page.getByLabel('Personal').check()
    await page.getByLabel('List and view sandboxes').uncheck()
    const assertKept = async () => {
      assert.equal(await page.getByLabel('Personal').isChecked(), true)
      assert.equal(await page.getByLabel('List and view sandboxes').isChecked(), false)
      assert.equal((await sql`SELECT FROM grants WHERE user_id = ${ada.userId}`).length, 0)
    }
    for (const label of ['Personal', 'List and view sandboxes']) {
      const shown = page.waitForResponse((response) => response.request().method() === 'POST')
      await page.getByLabel(label).press('Enter')
      assert.equal((await shown).status(), 200)
      await page.getByRole('button', { name: 'Request approval of Strict' }).waitFor()
      await assertKept()
      assert.equal((await sql`SELECT FROM app_requests WHERE user_id = ${ada.userId}`).length, 0)
    }
    await page.getByRole('button', { name: 'Request approval of Strict' }).press('Enter')
    await page.getByText('Approval requested').waitFor()
    await assertKept()
  })

  for (const width of [1280, 360]) {
    it(`is short and meets WCAG 2.2 AA if thirty organizations deny the app, at ${width} px`, async (t) => {
      const [ada, client] = [await memberOfMany(), await provider.client(developer, { scopes: SCOPES })]
      await provider.database.$client`UPDATE organizations SET app_access = 'by_approval'
        FROM organization_members member WHERE member.organization_id = id AND user_id = ${ada.userId} AND NOT personal`
      const context = await chromium.newContext({ bypassCSP: true, viewport: { width, height: 844 } })
      t.after(() => context.close())
      const page = await context.newPage()
      await open(page, ada, request(client, 'openid email read:sandboxes'))
      await assertAccessible(page, 'consent with requests')
      const height = Number(await page.evaluate('document.documentElement.scrollHeight'))
      assert.ok(height < MAX_HEIGHT + 300, `${height} px`)
      const [first, second] = await page.getByRole('button', { name: /^Request approval/ }).all()
      const [above, below] = [await first?.boundingBox(), await second?.boundingBox()]
      assert.ok(above && below && below.y - above.y - above.height >= 8, 'the buttons have a gap')
      await page.getByRole('button', { name: 'Request approval of Analytical Engines 30' }).press('Enter')
      await page.getByText('Approval requested').first().waitFor()
    })
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`meets WCAG 2.2 AA, ${colorScheme}, at ${width} px, and is short with thirty organizations`, async (t) => {
        const [ada, client] = [await memberOfMany(), await provider.client(developer, { scopes: SCOPES })]
        // The rules are a script, which the pages' Content-Security-Policy blocks.
        const context = await chromium.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 844 } })
        t.after(() => context.close())
        const page = await context.newPage()
        await page.route(`${client.redirectUri}**`, (route) => route.fulfill({ body: 'the app' }))
        await open(page, ada, request(client, 'openid email read:sandboxes'))
        await page.getByLabel('Analytical Engines 7').check()
        await page.getByRole('button', { name: 'Allow access' }).click()
        await page.waitForURL(`${client.redirectUri}**`)
        await page.goto(request(client, SCOPES.join(' ')))
        await page.getByText('It has access already, and asks for more').waitFor()
        await assertAccessible(page, 'consent')
        assert.ok(await page.getByText('Has access', { exact: true }).isVisible())
        const height = Number(await page.evaluate('document.documentElement.scrollHeight'))
        assert.ok(height < MAX_HEIGHT, `${height} px`)
        await page.getByRole('button', { name: 'Allow access' }).click()
        await page.getByRole('alert').waitFor()
        await assertAccessible(page, 'consent with a problem')
      })
    }
  }
})
