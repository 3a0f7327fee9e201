import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { findUriProblems } from '../src/pages/apps/redirect-uris.ts'
import { axeViolations, screenshot, signIn, tabTo, visit } from './browser.ts'
import { checkLayout } from './layout.ts'
import { visitAsMember } from './people.ts'
import { startService } from './service.ts'

/** Redirect URIs, good ones and those that the API refuses. */
const URIS = [
  'https://example.com',
  'https://example.com/callback?a=b',
  'http://localhost:3000/callback',
  'http://127.0.0.1/callback',
  'http://[::1]:8080/callback',
  'example.com/callback',
  'localhost:3000/callback',
  'http://example.com/callback',
  'http://127.0.0.2/callback',
  'https://example.com/#part',
  'https://*.example.com/callback',
  'https://ada:secret@example.com/callback',
  'HTTPS://Example.com/callback',
  'https://example.com:443/callback',
  'my-app://callback',
  'javascript:alert(1)',
  '/callback',
  'callback',
]

describe('OAuth apps in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const appsUrl = `${origin}/dashboard/o/${organizationId}/apps`

  async function open(page: Page, url: string): Promise<void> {
    await page.goto(url)
    await signIn(page, service)
    await page.locator('main h1').waitFor()
  }
  const register = async (app: object): Promise<{ clientId: string; clientSecret?: string }> => {
    const { status, body } = await service.request('POST', '/oauth-apps', apiKey, { scopes: ['openid'], ...app })
    assert.equal(status, 201, JSON.stringify(body))
    return body as { clientId: string; clientSecret?: string }
  }

  it('finds the same fault in redirect URIs as the API, and each correction is accepted', async () => {
    for (const uri of URIS) {
      for (const type of ['web', 'native'] as const) {
        const [found] = findUriProblems(uri, type)
        const sent = { name: 'Checked', type, scopes: ['openid'] }
        const { status } = await service.request('POST', '/oauth-apps', apiKey, { ...sent, redirectUris: [uri] })
        assert.equal(status, found === undefined ? 201 : 400, `${type} ${uri}: ${found?.problem}`)
        if (found?.fix === undefined) continue
        const fixed = await service.request('POST', '/oauth-apps', apiKey, { ...sent, redirectUris: [found.fix] })
        assert.equal(fixed.status, 201, `${uri} → ${found.fix}`)
      }
    }
    const { body } = await service.request('GET', '/oauth-apps', apiKey)
    for (const { clientId } of body as { clientId: string }[]) {
      await service.request('DELETE', `/oauth-apps/${clientId}`, apiKey)
    }
  })

  it('registers a web app, whose code on the page signs a person in, replaces its secret, and deletes it', async (t) => {
    const { page, problems, requested } = await visit(t, browser)
    await open(page, appsUrl)
    await page.getByText('No OAuth app yet').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await tabTo(page, 'link', 'Create app')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Create an OAuth app' }).waitFor()

    // Each line is checked, and corrected by a press.
    await tabTo(page, 'textbox', 'Name')
    await page.keyboard.type('Notes')
    await tabTo(page, 'textbox', 'Redirect URIs')
    await page.keyboard.type('localhost:1/callback')
    await page.keyboard.press('Enter')
    await page.keyboard.type('http://example.com/callback')
    await page.keyboard.press('Tab')
    await page.getByText('Line 2:').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-new-problems-1280-light')
    await tabTo(page, 'button', 'Use http://localhost:1/callback')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Use https://example.com/callback' }).click()
    await page.getByText(/^Line/).first().waitFor({ state: 'detached' })
    await page.getByRole('checkbox', { name: 'Read volumes' }).click()
    const preview = page.getByRole('figure', { name: 'Preview of the consent page' })
    const sentences = await preview.getByRole('listitem').allTextContents()
    await page.getByRole('button', { name: 'Create app' }).click()

    await page.getByRole('heading', { name: 'Your app', exact: true }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-secret-1280-light')
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('alertdialog', { name: 'You have not copied the client secret' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Copy client secret' }).click()
    const secret = await page.evaluate(() => navigator.clipboard.readText())
    const code = (await page.getByRole('region', { name: 'Use it' }).locator('pre').last().textContent()) ?? ''
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('heading', { name: 'Notes', exact: true }).waitFor()
    const { body } = await service.request('GET', '/oauth-apps', apiKey)
    const [app] = body as { clientId: string; redirectUris: string[]; scopes: string[]; requirePkce: boolean }[]
    assert.partialDeepStrictEqual(app, {
      redirectUris: ['http://localhost:1/callback', 'https://example.com/callback'],
      scopes: ['openid', 'profile', 'email', 'read:volumes'],
      requirePkce: true,
    })
    assert.ok(!code.includes(secret))

    // The program signs a person in, and the consent page says what the preview said.
    const folder = await mkdtemp(join(import.meta.dirname, 'program-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'program.mjs'), code)
    process.env['OIDC_CLIENT_SECRET'] = secret
    t.after(() => {
      delete process.env['OIDC_CLIENT_SECRET']
    })
    const program = await import(pathToFileURL(join(folder, 'program.mjs')).href)
    const { address, checks } = await program.startSignIn()
    await page.route('http://localhost:1/**', (route) => route.fulfill({ body: 'back in the app' }))
    await page.goto(address.href)
    await page.getByRole('heading', { name: 'Notes wants to use your account' }).waitFor()
    assert.deepEqual(
      (await page.locator('.scopes li, .choice:has([name=scope]) span:first-of-type').allTextContents()).map((text) =>
        text.trim(),
      ),
      sentences.map((text) => text.trim()),
    )
    await screenshot(page, 'consent-1280-light')
    await page.locator('[name=organization]').first().check()
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.getByText('back in the app').waitFor()
    const tokens = await program.finishSignIn(page.url(), checks)
    assert.equal((await service.request('GET', '/users/me', tokens.access_token)).status, 200)

    // Another secret: the old one is refused.
    await page.goto(`${appsUrl}/${app?.clientId}`)
    await page.getByRole('button', { name: 'Replace secret' }).click()
    await page.getByRole('alertdialog', { name: 'Replace the secret of Notes?' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('button', { name: 'Create new secret' }).click()
    await page.getByRole('heading', { name: 'The new secret' }).waitFor()
    await page.getByRole('button', { name: 'Copy client secret' }).click()
    const next = await page.evaluate(() => navigator.clipboard.readText())
    const introspect = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`${app?.clientId}:${password}`).toString('base64')}`
      const form = new URLSearchParams({ token: tokens.access_token })
      const response = await fetch(`${origin}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization },
        body: form,
      })
      await response.body?.cancel()
      return response.status
    }
    assert.deepEqual([await introspect(secret), await introspect(next)], [401, 200])
    await page.getByRole('link', { name: 'Done' }).click()

    // Settings: a removed scope is named before it is saved.
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('checkbox', { name: 'Read volumes' }).click()
    await page.getByText('Tokens lose read:volumes at once').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('textbox', { name: 'Homepage' }).fill('http://example.com')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('The address must be https').waitFor()
    await page.getByRole('textbox', { name: 'Homepage' }).fill('https://example.com')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('The app is changed.').first().waitFor()
    const { body: changed } = await service.request('GET', `/oauth-apps/${app?.clientId}`, apiKey)
    assert.partialDeepStrictEqual(changed, {
      scopes: ['openid', 'profile', 'email'],
      homepageUri: 'https://example.com',
    })

    await page.getByRole('button', { name: 'Delete' }).click()
    const deletion = page.getByRole('alertdialog', { name: 'Delete Notes?' })
    await deletion.waitFor()
    assert.deepEqual(await axeViolations(page), [])
    assert.ok(await deletion.getByRole('button', { name: 'Delete app' }).isDisabled())
    await page.keyboard.type('Notes')
    await deletion.getByRole('button', { name: 'Delete app' }).click()
    await page.getByText('No OAuth app yet').waitFor()
    assert.equal((await service.request('GET', `/oauth-apps/${app?.clientId}`, apiKey)).status, 404)
    assert.deepEqual(problems, [])
    for (const one of [secret, next]) for (const url of requested) assert.ok(!url.includes(one), url)
  })

  it('has two secrets at once, each with its name and last use, and deletes the old one, by keyboard only', async (t) => {
    const { clientId, clientSecret = '' } = await register({
      name: 'Ledger',
      type: 'web',
      redirectUris: ['http://localhost:1/callback'],
    })
    const isAccepted = async (password: string): Promise<boolean> => {
      const response = await fetch(`${origin}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${password}`).toString('base64')}` },
        body: new URLSearchParams({ token: 'none' }),
      })
      await response.body?.cancel()
      return response.status === 200
    }
    const { page, problems, requested } = await visit(t, browser)
    await open(page, `${appsUrl}/${clientId}`)
    const secrets = page.getByRole('region', { name: 'Client secrets' })
    await secrets.getByText('The only valid one').waitFor()
    assert.equal(await secrets.getByRole('button', { name: /^Delete/ }).count(), 0)
    await tabTo(page, 'button', 'Add secret')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('alertdialog', { name: 'Add a secret to Ledger' })
    await dialog.waitFor()
    assert.ok(await dialog.getByRole('button', { name: 'Create secret' }).isDisabled())
    assert.deepEqual(await axeViolations(page), [])
    // The API refuses the name, in its words, and what was typed stays.
    await page.keyboard.insertText('bidi \u202e name')
    await page.keyboard.press('Enter')
    await dialog.getByText(/^name:/).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText('ייצור')
    await tabTo(page, 'radio', 'Never')
    await page.keyboard.press('ArrowRight')
    await dialog.getByText(/^On /).waitFor()
    await screenshot(page, 'app-secret-add-1280-light')
    await tabTo(page, 'button', 'Create secret')
    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'The new secret' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('alertdialog', { name: 'You have not copied the client secret' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await tabTo(page, 'button', 'Copy client secret')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const next = await page.evaluate(() => navigator.clipboard.readText())
    assert.deepEqual([await isAccepted(clientSecret), await isAccepted(next)], [true, true])
    await tabTo(page, 'link', 'Done')
    await page.keyboard.press('Enter')

    const row = secrets.getByRole('row').filter({ hasText: 'ייצור' })
    await row.waitFor()
    assert.ok(!(await page.content()).includes(next))
    assert.ok(await secrets.getByRole('button', { name: 'Add secret' }).isDisabled())
    await waitFor(async () => {
      const { body } = await service.request('GET', `/oauth-apps/${clientId}`, apiKey)
      return (body as { secrets: { lastUsedAt: string | null }[] }).secrets.every(
        ({ lastUsedAt }) => lastUsedAt !== null,
      )
    })
    await page.reload()
    await row.getByText('just now').first().waitFor()
    assert.match((await row.textContent()) ?? '', new RegExp(`…${next.slice(-4)}`))
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-secrets-1280-light')
    await tabTo(page, 'button', 'Delete the secret default')
    await page.keyboard.press('Enter')
    const question = page.getByRole('alertdialog', { name: 'Delete the secret default?' })
    await question.getByText('It was last used').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-secret-delete-1280-light')
    await tabTo(page, 'button', 'Delete secret')
    await page.keyboard.press('Enter')
    await page.getByText('The secret is deleted.').first().waitFor()
    await secrets.getByText('The only valid one').waitFor()
    assert.deepEqual([await isAccepted(clientSecret), await isAccepted(next)], [false, true])
    assert.deepEqual(problems, [])
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]),
    )
    for (const text of [...requested, stored, service.log()]) assert.ok(!text.includes(next))
  })

  it('sets how an app authenticates, what it must send and how long sign-ins last, and sends no private key', async (t) => {
    const { clientId } = await register({
      name: 'Vault',
      type: 'web',
      redirectUris: ['http://localhost:1/callback'],
    })
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [published, secret] = [publicKey.export({ format: 'jwk' }), privateKey.export({ format: 'jwk' })]
    const { page, problems } = await visit(t, browser)
    const sent: string[] = []
    page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`))
    await open(page, `${appsUrl}/${clientId}?tab=settings`)
    const save = page.getByRole('button', { name: 'Save changes' })
    await page.getByRole('radio', { name: 'Keys entered here' }).click()
    await page.getByRole('textbox', { name: 'Public keys' }).fill(JSON.stringify(secret))
    await page.getByRole('textbox', { name: 'Unused refresh token' }).fill('401')
    await page.getByRole('textbox', { name: 'Oldest accepted sign-in' }).fill('an hour')
    await save.click()
    await page.getByText('It contains a private key').waitFor()
    await page.getByText('Enter at most 400 days.').waitFor()
    await page.getByText('Enter a whole number.').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-settings-problems-1280-light')
    await page.getByRole('textbox', { name: 'Public keys' }).fill(JSON.stringify(published))
    await page.getByRole('textbox', { name: 'Unused refresh token' }).fill('30')
    await page.getByRole('textbox', { name: 'Oldest accepted sign-in' }).fill('12')
    await page.getByRole('checkbox', { name: /^Require pushed/ }).click()
    await page.getByRole('checkbox', { name: /^Require DPoP/ }).click()
    await page.getByRole('checkbox', { name: /^Require signed requests/ }).click()
    await page.getByRole('combobox', { name: 'Algorithm of signed requests' }).click()
    await page.getByRole('option', { name: 'ES256' }).click()
    assert.deepEqual(await axeViolations(page), [])
    await save.click()
    await page.getByText('The app is changed.').first().waitFor()
    const { body } = await service.request('GET', `/oauth-apps/${clientId}`, apiKey)
    assert.partialDeepStrictEqual(body, {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [published] },
      jwksUri: null,
      requirePushedAuthorizationRequests: true,
      dpopBoundAccessTokens: true,
      requireSignedRequestObject: true,
      requestObjectSigningAlg: 'ES256',
      refreshTokenTtl: 2_592_000,
      refreshTokenAbsoluteTtl: null,
      defaultMaxAge: 43_200,
    })
    for (const text of sent) assert.ok(!text.includes(secret.d ?? 'd'), text)

    // Its page has code for the key, and no secret.
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('client.PrivateKeyJwt(privateKey)').waitFor()
    await page.getByText('client.buildAuthorizationUrlWithJAR').waitFor()
    await page.getByText('PAR is required').waitFor()
    await page.getByText('requests are signed with ES256').waitFor()
    assert.equal(await page.getByRole('region', { name: 'Client secrets' }).count(), 0)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-with-key-1280-light')

    // A secret signs nothing.
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('radio', { name: 'Client secret' }).click()
    assert.equal(await page.getByRole('checkbox', { name: /^Require signed requests/ }).count(), 0)
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH')
    await save.click()
    assert.equal((await saved).status(), 200)
    assert.partialDeepStrictEqual((await service.request('GET', `/oauth-apps/${clientId}`, apiKey)).body, {
      tokenEndpointAuthMethod: 'client_secret_basic',
      requireSignedRequestObject: false,
      requestObjectSigningAlg: null,
    })
    assert.deepEqual(problems, [])
  })

  it('shows who uses an app and which requests were refused, and registers a redirect URI that was sent', async (t) => {
    const registered = 'http://localhost:1/callback'
    const { clientId } = await register({
      name: 'Refused',
      type: 'web',
      redirectUris: [registered],
      scopes: ['openid'],
    })
    const authorize = (redirectUri: string, more: object = {}): string => {
      const parameters = { client_id: clientId, response_type: 'code', redirect_uri: redirectUri, scope: 'openid' }
      return `${origin}/oauth/authorize?${new URLSearchParams({ ...parameters, ...more })}`
    }
    const { page, problems } = await visit(t, browser)
    await open(page, `${appsUrl}/${clientId}?tab=refused`)
    await page.getByText('No request was refused').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    for (const sent of ['http://localhost:1/cb?token=topsecret', 'http://localhost:1/cb', 'my-app://callback']) {
      assert.equal((await fetch(authorize(sent))).status, 400)
    }
    await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, client_secret: 'wrong', grant_type: 'refresh_token' }),
    })
    // The list reads itself again.
    const row = page.getByRole('row').filter({ hasText: 'sent http://localhost:1/cb' })
    await row.waitFor()
    await page.getByRole('row').filter({ hasText: 'Wrong client secret' }).waitFor()
    assert.match((await row.textContent()) ?? '', /Redirect URI mismatch.*2just now/)
    await page.getByText('It must begin with https://').waitFor()
    assert.ok(!(await page.content()).includes('topsecret'))
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-refused-1280-light')
    // A link cannot ask about an address that was not sent.
    await page.goto(`${appsUrl}/${clientId}?tab=refused&open=add-uri&uri=https%3A%2F%2Fevil.example.com%2F`)
    await row.waitFor()
    assert.equal(await page.getByRole('alertdialog').count(), 0)
    await tabTo(page, 'button', 'Add http://localhost:1/cb')
    await page.keyboard.press('Enter')
    const question = page.getByRole('alertdialog', { name: 'Add this redirect URI?' })
    await question.getByText('Add it only if the address is yours').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-add-uri-1280-light')
    // Another administrator adds one in the meantime, which stays.
    const other = 'https://example.com/other'
    await service.request('PATCH', `/oauth-apps/${clientId}`, apiKey, { redirectUris: [registered, other] })
    await tabTo(page, 'button', 'Add redirect URI')
    await page.keyboard.press('Enter')
    await page.getByText('The redirect URI is added.').first().waitFor()
    await row.getByText('Registered', { exact: true }).waitFor()
    const { body } = await service.request('GET', `/oauth-apps/${clientId}`, apiKey)
    assert.deepEqual((body as { redirectUris: string[] }).redirectUris, [registered, other, 'http://localhost:1/cb'])

    await page.getByRole('link', { name: 'Users' }).click()
    await page.getByText('No one uses it yet').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.route('http://localhost:1/**', (route) => route.fulfill({ body: 'back in the app' }))
    await page.goto(authorize('http://localhost:1/cb'))
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.getByText('back in the app').waitFor()
    await page.goto(`${appsUrl}/${clientId}?tab=users`)
    await page.getByRole('row').filter({ hasText: service.user.email }).getByText('1 time').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-users-1280-light')
    assert.deepEqual(problems, [])
  })

  it('registers a native app, which has no secret and the device flow', async (t) => {
    const { page } = await visit(t, browser)
    await open(page, `${appsUrl}/new`)
    await page.getByRole('radio', { name: /^Desktop, mobile or command line/ }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Tool')
    await page.getByRole('textbox', { name: 'Redirect URIs' }).fill('my-tool://callback')
    await page.getByRole('button', { name: 'Create app' }).click()
    await page.getByRole('button', { name: 'Use http://127.0.0.1/callback' }).click()
    await page.getByRole('button', { name: 'Create app' }).click()
    await page.getByRole('heading', { name: 'Your app', exact: true }).waitFor()
    assert.equal(await page.getByTestId('secret').count(), 0)
    await page.getByRole('radio', { name: 'Device flow' }).click()
    const code = (await page.getByRole('region', { name: 'Use it' }).locator('pre').textContent()) ?? ''
    const [, clientId = ''] = /client_id=(\S+)/.exec(code) ?? []
    const [, scope = ''] = /'scope=([^']+)'/.exec(code) ?? []
    const response = await fetch(`${origin}/oauth/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, scope }),
    })
    assert.equal(response.status, 200)
    // An unknown scope would be left out without an error.
    assert.equal(scope, 'openid profile email')
    await response.body?.cancel()
    // Without a secret, leaving does not ask.
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('heading', { name: 'Tool', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Replace secret' }).count(), 0)
  })

  it('says which permission is missing, and shows the API’s sentence, the request and a retry', async (t) => {
    const member = await visitAsMember(t, browser, service, { name: 'Ada', email: 'ada@example.com' })
    await member.page.goto(appsUrl)
    await member.page.getByText('You don’t have access to this page').waitFor()
    assert.equal(await member.page.getByRole('link', { name: 'Create app' }).count(), 0)
    assert.deepEqual(await axeViolations(member.page), [])
    await member.page.goto(`${appsUrl}/new`)
    await member.page.getByText('You don’t have access to this page').waitFor()
    await member.page.goto(`${appsUrl}/app_none`)
    await member.page.getByText('You don’t have access to this page').waitFor()

    const { page } = await visit(t, browser)
    const body = { statusCode: 503, message: 'Service Unavailable', error: 'The database is not available' }
    await page.route(
      (url) => url.pathname === '/oauth-apps',
      (route) => route.fulfill({ status: 503, json: body, headers: { 'x-request-id': 'req-of-test' } }),
    )
    await open(page, appsUrl)
    await page.getByText('The database is not available').waitFor()
    await page.getByText('req-of-test').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The database is not available').waitFor({ state: 'detached' })
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`have no accessibility violation and no sideways scrolling, ${scheme}`, async (t) => {
      const scopes = ['openid', 'profile', 'email', 'offline_access', 'read:sandboxes', 'admin:organization']
      const redirectUris = ['https://example.com/callback', `https://example.com/${'x'.repeat(200)}`]
      const { clientId } = await register({ name: 'Notes', type: 'web', redirectUris, scopes })
      const { body: secret } = await service.request('POST', `/oauth-apps/${clientId}/secrets`, apiKey, {
        name: `x${'שלום'.repeat(30)}`,
        expiresAt: new Date(Date.now() + 90 * 24 * 60 * 60 * 1000).toISOString(),
      })
      const { id: secretId } = secret as { id: string } // of the response above
      await register({ name: `${scheme} ${'שלום'.repeat(30)}`, type: 'spa', redirectUris })
      // One with a long address.
      for (const path of ['cb', 'y'.repeat(400)]) {
        const sent = { client_id: clientId, response_type: 'code', redirect_uri: `https://other.example.com/${path}` }
        assert.equal((await fetch(`${origin}/oauth/authorize?${new URLSearchParams(sent)}`)).status, 400)
      }
      const { page, problems } = await visit(t, browser, { scheme })
      await open(page, appsUrl)
      await checkLayout(page, scheme, {
        apps: { url: appsUrl, shown: (one) => one.getByRole('link', { name: 'Notes' }) },
        'app-new': { url: `${appsUrl}/new`, shown: (one) => one.getByText('You are signed in as') },
        app: { url: `${appsUrl}/${clientId}`, shown: (one) => one.getByText('npm install openid-client') },
        'app-users': {
          url: `${appsUrl}/${clientId}?tab=users`,
          shown: (one) => one.getByText('No one uses it yet'),
        },
        'app-refused': {
          url: `${appsUrl}/${clientId}?tab=refused`,
          shown: (one) => one.getByText('sent https://other.example.com/cb'),
        },
        'app-settings': {
          url: `${appsUrl}/${clientId}?tab=settings`,
          shown: (one) => one.getByRole('button', { name: 'Save changes' }),
        },
        'app-replace': { url: `${appsUrl}/${clientId}?open=rotate`, shown: (one) => one.getByRole('alertdialog') },
        'app-secret-add': {
          url: `${appsUrl}/${clientId}?open=add-secret`,
          shown: (one) => one.getByRole('alertdialog'),
        },
        'app-secret-delete': {
          url: `${appsUrl}/${clientId}?open=delete-secret&secret=${secretId}`,
          shown: (one) => one.getByRole('alertdialog'),
        },
        'app-delete': { url: `${appsUrl}/${clientId}?open=delete`, shown: (one) => one.getByRole('alertdialog') },
        'app-unknown': { url: `${appsUrl}/app_none`, shown: (one) => one.getByText('There is no such app') },
      })
      assert.deepEqual(problems, [])
    })
  }
})
