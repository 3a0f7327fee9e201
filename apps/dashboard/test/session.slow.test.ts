import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { readQrCode } from '../../oidc/test/authenticator-app.ts'
import { axeViolations, screenshot, signIn, visit } from './browser.ts'
import { startService } from './service.ts'

describe('the session of the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId } = service
  const newKey = `${origin}/dashboard/o/${organizationId}/keys/new`

  /** Signs in, and returns the access token that the page sends. */
  async function open(page: Page, url: string): Promise<string> {
    const request = page.waitForRequest((one) => one.url().startsWith(origin) && 'authorization' in one.headers())
    await page.goto(url)
    await signIn(page, service)
    return ((await request).headers()['authorization'] ?? '').replace('Bearer ', '')
  }

  const fillIn = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Name' }).fill(name)
    await page.getByRole('checkbox', { name: 'Read volumes' }).click()
  }
  const create = (page: Page): Promise<void> => page.getByRole('button', { name: 'Create key' }).click()

  it('replaces a revoked token without a page, and sends the request again', async (t) => {
    const { page, problems } = await visit(t, browser)
    const token = await open(page, newKey)
    await page.getByRole('heading', { name: 'Create an API key' }).waitFor()
    const revoked = await fetch(`${origin}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'daytona-dashboard', token }),
    })
    assert.equal(revoked.status, 200)
    assert.equal((await service.request('GET', '/users/me', token)).status, 401)
    await fillIn(page, 'after a revocation')
    await create(page)
    await page.getByRole('heading', { name: 'Your API key' }).waitFor()
    assert.deepEqual(problems, [])
  })

  it('asks to sign in again in a window when the session has ended, and finishes what was being done', async (t) => {
    const { page, context, problems } = await visit(t, browser)
    const token = await open(page, newKey)
    await page.getByRole('heading', { name: 'Create an API key' }).waitFor()
    // Before the session ends: the check of the name would be the first to notice.
    const checked = page.waitForResponse((answer) => answer.url().includes('/api-keys/typed'))
    await fillIn(page, 'typed before the end')
    await checked
    const { body } = await service.request('GET', '/users/me/sessions', token)
    const [current] = (body as { id: string; current: boolean }[]).filter((session) => session.current)
    assert.equal((await service.request('DELETE', `/users/me/sessions/${current?.id}`, token)).status, 204)

    await create(page)
    await page.getByRole('alertdialog', { name: 'Your session has ended' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'session-ended-1280-light')
    const opened = context.waitForEvent('page')
    await page.getByRole('button', { name: 'Sign in again' }).click()
    const window = await opened
    await window.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.equal(await window.getByLabel('Email address').inputValue(), service.user.email)
    await window.getByLabel('Password').fill(service.user.password)
    await window.getByRole('button', { name: 'Sign in' }).click()

    await page.getByRole('heading', { name: 'Your API key' }).waitFor()
    assert.ok(window.isClosed())
    const { body: keys } = await service.request('GET', '/api-keys', service.apiKey)
    const made = (keys as { name: string }[]).filter(({ name }) => name === 'typed before the end')
    assert.equal(made.length, 1)
    assert.deepEqual(problems, [])
  })

  it('shows a page with a way back when a person cancels the sign-in', async (t) => {
    const { page } = await visit(t, browser)
    await page.goto(`${origin}/dashboard`)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  it('signs out of the browser’s session', async (t) => {
    const { page } = await visit(t, browser)
    const token = await open(page, `${origin}/dashboard`)
    await page.getByRole('button', { name: /^Account:/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    // The provider asks, or returns at once to the dashboard, which needs a sign-in then.
    await page.getByRole('heading', { name: /Sign in|Sign out/ }).waitFor()
    if (await page.getByRole('button', { name: 'Sign out' }).isVisible()) {
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    }
    assert.equal((await service.request('GET', '/users/me', token)).status, 401)
  })

  // The last one: the others sign in with the password alone.
  it('asks for a second factor in a window when a change needs one, and finishes the change', async (t) => {
    const { page, context, problems } = await visit(t, browser)
    await open(page, `${origin}/dashboard/o/${organizationId}/settings`)
    await page.getByRole('button', { name: 'Require a second factor' }).click()
    const dialog = page.getByRole('alertdialog', { name: 'Confirm that it is you' })
    await dialog.waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'step-up-1280-light')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('A stronger or more recent sign-in is required').waitFor()

    await page.getByRole('button', { name: 'Require a second factor' }).click()
    const opened = context.waitForEvent('page')
    await dialog.getByRole('link', { name: 'Set one up' }).click()
    const account = await opened
    await account.getByRole('link', { name: 'Set up an authenticator app' }).click()
    const uri = await account.getByRole('link', { name: 'Open in an app' }).getAttribute('href')
    await account.getByLabel('Code', { exact: true }).fill(readQrCode(uri ?? '').codeAt(Date.now()))
    await account.getByRole('button', { name: 'Turn on two-step sign-in' }).click()
    await account.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    await account.close()

    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Members need a second factor now.').waitFor()
    const { body } = await service.request('GET', `/organizations/${organizationId}`, service.apiKey)
    assert.equal((body as { requireSecondFactor: boolean }).requireSecondFactor, true)
    assert.deepEqual(problems, [])
  })
})
