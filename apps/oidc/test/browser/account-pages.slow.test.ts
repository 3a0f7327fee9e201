import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { rowsIn } from '../account-rows.ts'
import { browser, PASSWORD, type Person, testProvider } from '../fixture.ts'
import { assertAccessible } from './accessible.ts'
import { organizationOf } from './harness.ts'
import { createOutbox } from './outbox.ts'

describe('the account pages in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const outbox = await createOutbox({ after })
  const provider = await testProvider({ after }, { env: { OUTBOX_DIR: outbox.directory } })
  const rows = rowsIn(provider)
  const chromium = await launchBrowser({ after })

  /** Signs in on the profile page. */
  async function open(page: Page, { email }: Person) {
    await page.goto(`${provider.issuer}${ACCOUNT_PAGES.profile}`)
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Your profile' }).waitFor()
  }

  it('change the name, end a session, remove an app and delete the account without JavaScript', async (t) => {
    const ada = await provider.person()
    const app = await provider.client(await provider.person(), { scopes: ['openid', 'read:sandboxes'] })
    await browser(provider, ada).authorize(app, { scope: 'openid read:sandboxes' })
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    const denials: string[] = []
    page.on('console', (message) => denials.push(message.text()))
    await open(page, ada)
    const visit = (name: string) =>
      page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name, exact: true }).click()
    await page.getByLabel('Your name').fill('Ada King')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Your name was changed.').waitFor()
    // Chromium warns of a form with a password that names no account.
    await visit('Password')
    await page.getByLabel('Current password').waitFor()
    await visit('Sessions')
    await page.getByRole('button', { name: /^End the session of/ }).click()
    await page.getByText('The session was ended').waitFor()
    await visit('Apps')
    await page.getByRole('button', { name: 'Remove the access of Example App' }).click()
    await page.getByText('No app has access.').waitFor()
    await visit('Delete')
    await page.getByLabel(`Enter ${ada.email} to confirm`).fill(ada.email)
    await page.getByRole('button', { name: 'Delete account' }).click()
    await page.getByRole('heading', { name: 'Account deleted' }).waitFor()
    assert.deepEqual(denials, [])
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`meet WCAG 2.2 AA, ${colorScheme}, at ${width} px`, async (t) => {
        const ada = await provider.person()
        await organizationOf(provider, ada, 'Analytical Engines')
        const shared = await organizationOf(provider, await provider.person(), 'Difference Engines')
        await rows.people.member(shared, ada.userId, 'member')
        const app = await provider.client(await provider.person(), { scopes: ['openid', 'read:sandboxes'] })
        await browser(provider, ada).authorize(app, { scope: 'openid read:sandboxes' })
        // The rules are a script, which the pages' Content-Security-Policy blocks.
        const context = await chromium.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 844 } })
        t.after(() => context.close())
        const page = await context.newPage()
        await open(page, ada)
        for (const [name, path] of Object.entries(ACCOUNT_PAGES)) {
          await page.goto(`${provider.issuer}${path}`)
          await assertAccessible(page, name)
        }
        await page.getByLabel(`Enter ${ada.email} to confirm`).fill('someone@example.com')
        await page.getByRole('button', { name: 'Delete account' }).click()
        await page.getByRole('alert').waitFor()
        await assertAccessible(page, 'deletion with a problem')
        await page.goto(`${provider.issuer}${ACCOUNT_PAGES.email}`)
        const next = `new-${width}-${colorScheme}@example.com`
        await page.getByLabel('New email address').fill(next)
        await page.getByRole('button', { name: 'Send the links' }).click()
        await page.getByRole('heading', { name: 'Waiting for confirmation' }).waitFor()
        await assertAccessible(page, 'a change of the address that waits')
        for (const [to, path, button] of [
          [next, '/oauth/email-change/new', 'Confirm the address'],
          [ada.email, '/oauth/email-change/current', 'Approve the change'],
        ] as const) {
          await page.goto(`${provider.issuer}${path}?token=${(await outbox.next(to)).tokenOf(path)}`)
          await assertAccessible(page, path)
          await page.getByRole('button', { name: button }).click()
          await page.getByRole('heading', { name: /has confirmed|was changed/ }).waitFor()
          await assertAccessible(page, `${path} answered`)
        }
        await page.goto(`${provider.issuer}${ACCOUNT_PAGES.password}`)
        await page.getByLabel('Current password').fill('not the password')
        await page.getByLabel('New password').fill('violin harbor teacup 9')
        await page.getByRole('button', { name: 'Change password' }).click()
        await page.getByRole('alert').waitFor()
        await assertAccessible(page, 'password with a problem')
      })
    }
  }
})
