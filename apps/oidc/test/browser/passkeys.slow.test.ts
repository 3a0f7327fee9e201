import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { freePort } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { BrowserContext, Page } from 'playwright-core'
import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { addAuthenticatorApp, readQrCode } from '../authenticator-app.ts'
import { DASHBOARD, PASSWORD, type Person, testProvider } from '../fixture.ts'
import { assertAccessible } from './accessible.ts'
import { authorizationRequest } from './visitor.ts'

describe('passkeys in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const port = String(await freePort())
  const issuer = `http://localhost:${port}`
  const provider = await testProvider({ after }, { env: { ISSUER: issuer, PORT: port } })
  const chromium = await launchBrowser({ after })

  /** Opens the account page of passkeys and signs in with the password. */
  async function open(page: Page, { email }: Person): Promise<void> {
    await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
  }

  /** Gives a page an authenticator that verifies its user, as a fingerprint reader does. */
  async function addAuthenticator(context: BrowserContext, page: Page) {
    const session = await context.newCDPSession(page)
    await session.send('WebAuthn.enable')
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    /** Whether the user touches the sensor at once: then the sign-in page signs in by itself. */
    return (enabled: boolean) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  }

  /** Adds the first passkey of an account, which comes with recovery codes. */
  async function addFirst(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    await page.getByRole('link', { name: 'I have saved them' }).click()
    await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
  }

  it('are added, sign in without an address or a password, and are removed', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const denials: string[] = []
    page.on('console', (message) => denials.push(message.text()))
    const setTouch = await addAuthenticator(context, page)
    await open(page, ada)
    await addFirst(page)
    await page.getByText('never used').waitFor()
    await context.clearCookies()

    await setTouch(false)
    await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
    await page.getByRole('link', { name: 'Sign in with a passkey' }).click()
    await setTouch(true)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('last used').waitFor()
    await setTouch(false)
    await page.getByRole('button', { name: /^Remove the passkey/ }).click()
    // It was the only factor, so that this session ends as well.
    await page.getByRole('link', { name: 'Sign in with a passkey' }).click()
    await setTouch(true)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('This passkey was not accepted.').waitFor()
    assert.deepEqual(
      denials.filter((text) => !text.includes('400')),
      [],
    )
  })

  it('are offered in the field of the address, and sign in from there', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const denials: string[] = []
    page.on('console', (message) => denials.push(message.text()))
    const setTouch = await addAuthenticator(context, page)
    await open(page, ada)
    await addFirst(page)
    await page.getByText('never used').waitFor()
    await context.clearCookies()
    // The choice of a suggestion is simulated with the touch.
    await setTouch(true)
    await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
    await page.getByText('last used').waitFor()
    assert.deepEqual(denials, [])
  })

  it('are the second factor after the password', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const setTouch = await addAuthenticator(context, page)
    await open(page, ada)
    await addFirst(page)
    await page.getByText('never used').waitFor()
    await addAuthenticatorApp(provider, ada)
    await context.clearCookies()
    await setTouch(false)
    await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
    await page.getByLabel('Email address').fill(ada.email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Code').waitFor()
    await setTouch(true)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('last used').waitFor()
  })

  it('are asked for after the password of an account that has nothing else', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext({ bypassCSP: true })
    t.after(() => context.close())
    const page = await context.newPage()
    const setTouch = await addAuthenticator(context, page)
    await open(page, ada)
    await addFirst(page)
    await context.clearCookies()
    await setTouch(false)
    await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
    await page.getByLabel('Email address').fill(ada.email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
    await assertAccessible(page, 'passkey after the password')
    await setTouch(true)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('last used').waitFor()
  })

  /** Opens the sign-in page of an app that asks for a second factor, and enters the password. */
  async function enterPasswordForMore(page: Page, { email }: Person): Promise<void> {
    const { clientId, redirectUri } = DASHBOARD(issuer)
    const request = { client_id: clientId, redirect_uri: redirectUri, acr_values: ACR.multiFactor }
    await page.goto(authorizationRequest(issuer, request).url)
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Set up two-step sign-in' }).waitFor()
  }

  it('are set up during a sign-in', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext({ bypassCSP: true })
    t.after(() => context.close())
    const page = await context.newPage()
    await addAuthenticator(context, page)
    await enterPasswordForMore(page, ada)
    await assertAccessible(page, 'set-up')
    await page.getByRole('button', { name: 'Create a passkey instead' }).click()
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    await assertAccessible(page, 'recovery codes')
    const toApp = page.waitForRequest((request) => request.url().startsWith(DASHBOARD(issuer).redirectUri))
    await page.getByRole('link', { name: /^I have saved them/ }).click()
    assert.ok(new URL((await toApp).url()).searchParams.has('code'))
  })

  it('have an authenticator app beside them, which is set up without JavaScript', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    await enterPasswordForMore(page, ada)
    assert.equal(await page.getByRole('button', { name: 'Create a passkey instead' }).isVisible(), false)
    const app = readQrCode((await page.getByRole('link', { name: 'Open in an app' }).getAttribute('href')) ?? '')
    await page.getByLabel('Code', { exact: true }).fill(app.codeAt(Date.now()))
    await page.getByRole('button', { name: 'Turn on two-step sign-in' }).click()
    const toApp = page.waitForRequest((request) => request.url().startsWith(DASHBOARD(issuer).redirectUri))
    await page.getByRole('link', { name: /^I have saved them/ }).click()
    assert.ok(new URL((await toApp).url()).searchParams.has('code'))
  })

  it('lead back to the password without JavaScript', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
    await page.getByRole('link', { name: 'Sign in with a passkey' }).click()
    await page.getByText('This browser does not support passkeys here').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Use a passkey' }).isVisible(), false)
    await page.getByRole('link', { name: 'Sign in with your password' }).click()
    await page.getByLabel('Email address').fill(ada.email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`meet WCAG 2.2 AA, ${colorScheme}, at ${width} px`, async (t) => {
        const ada = await provider.person()
        // The rules are a script, which the pages' Content-Security-Policy blocks.
        const context = await chromium.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 844 } })
        t.after(() => context.close())
        const page = await context.newPage()
        const setTouch = await addAuthenticator(context, page)
        await open(page, ada)
        await assertAccessible(page, 'none')
        await addFirst(page)
        await assertAccessible(page, 'one')
        await context.clearCookies()
        await setTouch(false)
        await page.goto(`${issuer}${ACCOUNT_PAGES.passkeys}`)
        await page.getByRole('link', { name: 'Sign in with a passkey' }).click()
        await page.getByRole('button', { name: 'Use a passkey' }).waitFor()
        await assertAccessible(page, 'sign-in')
      })
    }
  }
})
