import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { type AuthenticatorApp, readQrCode } from '../authenticator-app.ts'
import { PASSWORD, type Person, testProvider } from '../fixture.ts'
import { assertAccessible } from './accessible.ts'

describe('two-step sign-in in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const clock = { now: Date.now() }
  const provider = await testProvider({ after }, { now: () => clock.now })
  const chromium = await launchBrowser({ after })

  async function enterPassword(page: Page, { email }: Person): Promise<void> {
    await page.goto(`${provider.issuer}${ACCOUNT_PAGES.factors}`)
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const submitCode = async (page: Page, code: string, button: string) => {
    await page.getByLabel('Code', { exact: true }).fill(code)
    await page.getByRole('button', { name: button }).click()
  }

  async function appOf(page: Page): Promise<AuthenticatorApp> {
    return readQrCode((await page.getByRole('link', { name: 'Open in an app' }).getAttribute('href')) ?? '')
  }

  it('is set up, used with a recovery code and in a trusted browser, and removed, without JavaScript', async (t) => {
    const ada = await provider.person()
    const denials: string[] = []
    const open = async () => {
      const context = await chromium.newContext({ javaScriptEnabled: false })
      t.after(() => context.close())
      const page = await context.newPage()
      page.on('console', (message) => denials.push(message.text()))
      return { context, page }
    }
    const { page } = await open()
    await enterPassword(page, ada)
    await page.getByRole('link', { name: 'Set up an authenticator app' }).click()
    const app = await appOf(page)
    await submitCode(page, app.codeAt(clock.now), 'Turn on two-step sign-in')
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    const [recoveryCode = ''] = await page.locator('.codes .item').allTextContents()
    await page.getByRole('link', { name: 'I have saved them' }).click()
    await page.getByText('10 are left.').waitFor()

    const other = await open()
    await enterPassword(other.page, ada)
    await other.page.getByRole('button', { name: 'Use a recovery code' }).click()
    await other.page.getByLabel('Recovery code').fill(recoveryCode)
    await other.page.getByLabel('Trust this browser').check()
    await other.page.getByRole('button', { name: 'Continue' }).click()
    await other.page.getByText('9 are left.').waitFor()
    await other.page.getByRole('heading', { name: 'Trusted browsers' }).waitFor()
    await other.page.getByRole('link', { name: 'Sign out' }).click()
    await other.page.getByRole('button', { name: 'Sign out' }).click()
    await other.page.getByText('You are signed out').waitFor()
    await enterPassword(other.page, ada)
    await other.page.getByRole('heading', { name: 'Two-step sign-in' }).waitFor()

    await page.reload()
    await page.getByRole('button', { name: /^End the trust in/ }).click()
    await page.getByText('The trust in that browser has ended.').waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    // With the last factor, this session ends as well.
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await enterPassword(page, ada)
    await page.getByRole('link', { name: 'Set up an authenticator app' }).waitFor()
    assert.deepEqual(denials, [])
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`meets WCAG 2.2 AA, ${colorScheme}, at ${width} px`, async (t) => {
        const ada = await provider.person()
        // The rules are a script, which the pages' Content-Security-Policy blocks.
        const settings = { bypassCSP: true, colorScheme, viewport: { width, height: 844 } }
        const context = await chromium.newContext(settings)
        t.after(() => context.close())
        const page = await context.newPage()
        await enterPassword(page, ada)
        await page.getByRole('link', { name: 'Set up an authenticator app' }).waitFor()
        await assertAccessible(page, 'off')
        await page.getByRole('link', { name: 'Set up an authenticator app' }).click()
        const app = await appOf(page)
        await submitCode(page, '000000', 'Turn on two-step sign-in')
        await page.getByRole('alert').waitFor()
        await page.getByText('Enter the key by hand').click()
        await assertAccessible(page, 'set-up with a problem')
        await submitCode(page, app.codeAt(clock.now), 'Turn on two-step sign-in')
        await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
        await assertAccessible(page, 'recovery codes')

        const other = await chromium.newContext(settings)
        t.after(() => other.close())
        const step = await other.newPage()
        await enterPassword(step, ada)
        await step.getByLabel('Code', { exact: true }).waitFor()
        await assertAccessible(step, 'code')
        await step.getByRole('button', { name: 'Use a recovery code' }).click()
        await step.getByLabel('Recovery code').fill('x')
        await step.getByRole('button', { name: 'Continue' }).click()
        await step.getByRole('alert').waitFor()
        await assertAccessible(step, 'recovery code with a problem')
        await step.getByRole('button', { name: 'Use a code of your app' }).click()
        clock.now += 30_000
        await step.getByLabel('Trust this browser').check()
        await submitCode(step, app.codeAt(clock.now), 'Continue')
        await step.getByRole('heading', { name: 'Trusted browsers' }).waitFor()
        await assertAccessible(step, 'on')
      })
    }
  }
})
