import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { OidcClientSettings, User, UserManager } from 'oidc-client-ts'
import type { Page } from 'playwright-core'
import { CLI, claimsOf, DEVICE_CODE, PASSWORD, type Person, post, testProvider } from '../fixture.ts'
import { assertAccessible } from './accessible.ts'
import { organizationOf } from './harness.ts'
import { startSpa } from './spa.ts'
import { authorizationRequest } from './visitor.ts'

type SignedIn = Pick<User, 'profile' | 'access_token' | 'refresh_token' | 'scope'>

/** The part of oidc-client-ts that the app's page exposes. */
declare const oidc: { UserManager: new (settings: OidcClientSettings) => UserManager }

describe('in Chromium', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const provider = await testProvider({ after })
  const spa = await startSpa({ after })
  const chromium = await launchBrowser({ after })
  const developer = await provider.person()
  const client = await provider.client(developer, {
    type: 'spa',
    redirectUris: [`${spa.origin}/callback`],
    postLogoutRedirectUris: [`${spa.origin}/bye`],
  })

  const requestDeviceCode = () => post(provider, '/oauth/device_authorization', CLI, { scope: 'openid email' })

  async function signIn(page: Page, { email }: Person) {
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  it('the full flow from the app and back works without JavaScript', async (t) => {
    const ada = await provider.person()
    const engines = await organizationOf(provider, ada, 'Analytical Engines')
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    const denials: string[] = []
    page.on('console', (message) => denials.push(message.text()))

    const request = authorizationRequest(provider.issuer, {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      scope: 'openid email read:sandboxes',
    })
    await page.goto(request.url)
    await signIn(page, ada)
    await page.getByRole('checkbox', { name: 'Analytical Engines' }).check()
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.waitForURL(`${client.redirectUri}?**`)
    assert.equal(new URL(page.url()).searchParams.get('state'), request.state)
    const [grant] = await provider.database.$client`
      SELECT organization_ids AS chosen FROM grants WHERE user_id = ${ada.userId}`
    assert.deepEqual(grant?.['chosen'], [engines])

    await page.goto(
      `${provider.issuer}/oauth/logout?client_id=${client.clientId}&post_logout_redirect_uri=${spa.origin}/bye`,
    )
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.waitForURL(`${spa.origin}/bye`)
    await page.goto(request.url)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.deepEqual(denials, [])
  })

  for (const javaScriptEnabled of [true, false]) {
    it(`a device is connected ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async (t) => {
      const ada = await provider.person()
      const context = await chromium.newContext({ javaScriptEnabled })
      t.after(() => context.close())
      const page = await context.newPage()
      const denials: string[] = []
      page.on('console', (message) => denials.push(message.text()))

      const { body } = await requestDeviceCode()
      await page.goto(body['verification_uri_complete'] ?? '')
      assert.equal(await page.getByLabel('Code').inputValue(), body['user_code'])
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByText(body['user_code'] ?? '', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Yes, the codes match' }).click()
      await signIn(page, ada)
      await page.getByText('Is the device yours?').waitFor()
      await page.getByRole('button', { name: 'Allow access' }).click()
      await page.getByRole('heading', { name: 'Device connected' }).waitFor()
      const device_code = body['device_code'] ?? ''
      const tokens = await post(provider, '/oauth/token', CLI, { grant_type: DEVICE_CODE, device_code })
      assert.equal(claimsOf(tokens.body['access_token'])['sub'], ada.userId)
      assert.deepEqual(denials, [])
    })
  }

  it('sign-up and account switch work without JavaScript', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    const { url } = authorizationRequest(provider.issuer, {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      scope: 'openid email',
    })
    await page.goto(url)
    await signIn(page, ada)
    await page.getByRole('link', { name: 'Use another account' }).click()
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByLabel('Your name').fill('Grace Hopper')
    await page.getByLabel('Email address').fill('grace@example.com')
    await page.getByLabel('Password').fill('violin-harbor-teacup-9')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('button', { name: 'Switch account' }).click()
    await page.getByText('You are signed in as grace@example.com').waitFor()
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.waitForURL(`${client.redirectUri}?**`)
    assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied')
  })

  it('an app with oidc-client-ts signs in, reads the user, renews its token and signs out', async (t) => {
    const ada = await provider.person()
    const context = await chromium.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const settings = {
      authority: provider.issuer,
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      post_logout_redirect_uri: `${spa.origin}/bye`,
      scope: 'openid profile email offline_access read:sandboxes',
      loadUserInfo: true,
    }

    await page.goto(spa.origin)
    // Not awaited: the response is lost when the page unloads.
    await page.evaluate((given) => void new oidc.UserManager(given).signinRedirect(), settings)
    await signIn(page, ada)
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.waitForURL(`${client.redirectUri}?**`)
    const first = await page.evaluate(async (given): Promise<SignedIn> => {
      const user = await new oidc.UserManager(given).signinCallback()
      return JSON.parse(JSON.stringify(user))
    }, settings)
    assert.equal(first.profile.sub, ada.userId)
    assert.equal(first.profile.name, 'Ada Lovelace')
    assert.equal(first.profile.email, ada.email)
    assert.equal(first.scope, settings.scope)

    const renewed = await page.evaluate(async (given): Promise<SignedIn> => {
      const user = await new oidc.UserManager(given).signinSilent()
      return JSON.parse(JSON.stringify(user))
    }, settings)
    assert.notEqual(renewed.access_token, first.access_token)
    assert.notEqual(renewed.refresh_token, first.refresh_token)
    assert.equal(renewed.profile.sub, ada.userId)

    const userinfo = (token: string) =>
      fetch(`${provider.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal((await userinfo(renewed.access_token)).status, 200)
    await page.evaluate((given) => void new oidc.UserManager(given).signoutRedirect(), settings)
    await page.waitForURL((url) => url.href.startsWith(`${spa.origin}/bye`))
    assert.equal((await userinfo(renewed.access_token)).status, 401)
  })
  it('every page meets WCAG 2.2 AA, in light and dark, on desktop and phone', async (t) => {
    const ada = await provider.person()
    await organizationOf(provider, ada, 'Analytical Engines')
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      // The rules are a script, which the pages' Content-Security-Policy blocks.
      const context = await chromium.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 844 } })
      t.after(() => context.close())
      const page = await context.newPage()
      const { url } = authorizationRequest(provider.issuer, {
        client_id: client.clientId,
        redirect_uri: client.redirectUri,
        scope: 'openid email read:sandboxes',
        prompt: 'consent',
      })
      await page.goto(url)
      await assertAccessible(page, 'sign-in')
      await page.getByRole('link', { name: 'Create an account' }).click()
      await page.getByLabel('Your name').waitFor()
      await assertAccessible(page, 'sign-up')
      await page.getByLabel('Your name').fill('Grace')
      await page.getByLabel('Email address').fill('grace@example')
      await page.getByLabel('Password').fill('password1234')
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.getByRole('alert').waitFor()
      await assertAccessible(page, 'sign-up with problems')
      await page.getByRole('link', { name: 'Sign in' }).click()
      await signIn(page, ada)
      await page.getByRole('button', { name: 'Allow access' }).click()
      await page.getByRole('alert').waitFor()
      await assertAccessible(page, 'consent with a problem')
      await page.goto(`${provider.issuer}/oauth/logout?client_id=${client.clientId}`)
      await assertAccessible(page, 'sign-out')
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByRole('heading', { name: /signed out/i }).waitFor()
      await assertAccessible(page, 'signed out')
      await page.goto(`${provider.issuer}/oauth/authorize?client_id=nope`)
      await assertAccessible(page, 'error')
      await page.goto(`${provider.issuer}/oauth/device`)
      await page.getByLabel('Code').fill('BCDF-GHJK')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').waitFor()
      await assertAccessible(page, 'device code with a problem')
      const { body } = await requestDeviceCode()
      await page.getByLabel('Code').fill(body['user_code'] ?? '')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('button', { name: 'Yes, the codes match' }).waitFor()
      await assertAccessible(page, 'device confirmation')
      await page.getByRole('button', { name: 'No, deny access' }).click()
      await page.getByRole('heading', { name: 'Access denied' }).waitFor()
      await assertAccessible(page, 'device denied')
    }
  })
})
