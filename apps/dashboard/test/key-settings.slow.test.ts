import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, screenshot, signIn, tabTo, visit } from './browser.ts'
import { checkLayout } from './layout.ts'
import { visitAsMember } from './people.ts'
import { startService } from './service.ts'

describe('the settings of a key, and the first steps', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const keys = `${origin}/dashboard/o/${organizationId}/keys`

  const createKey = async (name: string): Promise<{ id: string; value: string }> => {
    const key = { name, permissions: ['read:sandboxes', 'write:sandboxes', 'read:snapshots'] }
    const { status, body } = await service.request('POST', '/api-keys', apiKey, key)
    assert.equal(status, 201, JSON.stringify(body))
    return body as { id: string; value: string } // of the request above
  }

  /** A key that the person has created in the dashboard: only they can change it. */
  const createOwnKey = async (page: Page, name: string): Promise<string> => {
    await page.goto(`${keys}/new`)
    await page.getByRole('textbox', { name: 'Name' }).fill(name)
    for (const permission of ['Read sandboxes', 'Write sandboxes', 'Read snapshots']) {
      await page.getByRole('checkbox', { name: permission }).click()
    }
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'Copy key' }).click()
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('heading', { name, exact: true }).waitFor()
    return new URL(page.url()).pathname
  }
  const read = async (value: string) => (await service.request('GET', '/api-keys/current', value)).body

  it('narrows, renames and describes a key, and the key is what it says at once', async (t) => {
    const { page, problems } = await visit(t, browser)
    await page.goto(keys)
    await signIn(page, service)
    await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    const path = await createOwnKey(page, 'deploy')
    const secret = await page.evaluate(() => navigator.clipboard.readText())

    await page.goto(keys)
    await page.getByRole('button', { name: 'Actions for deploy' }).click()
    await page.getByRole('menuitem', { name: 'Settings' }).click()
    await page.waitForURL((url) => url.pathname === path && url.searchParams.get('tab') === 'settings')
    const save = page.getByRole('button', { name: 'Save changes' })
    await save.waitFor()
    assert.ok(await save.isDisabled())

    // A taken name and an empty set of permissions are refused beside their fields.
    await page.getByRole('textbox', { name: 'Name' }).fill('first-run')
    await save.click()
    await page.getByText('You have an active key with this name').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('deploy of the website')
    await save.click()
    await page.getByText('Choose at least one permission.').waitFor()
    assert.deepEqual(await axeViolations(page), [])

    // Leaving asks, and keeps what was typed.
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.getByRole('alertdialog', { name: 'You have unsaved changes' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'deploy of the website')

    await tabTo(page, 'checkbox', /Read sandboxes/)
    await page.keyboard.press('Space')
    await page.getByRole('textbox', { name: 'Description' }).fill('Stored in the vault.\nAsk Grace.')
    await page.getByRole('radio', { name: 'In 7 days' }).click()
    await page.getByText(/^It expires on/).waitFor()
    const changes = page.getByRole('region', { name: 'What changes' })
    await changes.getByText('write:sandboxes').waitFor()
    await changes.getByText('read:snapshots').waitFor()
    assert.equal(await changes.getByText('read:sandboxes').count(), 0)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'key-settings-changed-1280-light')
    await tabTo(page, 'button', 'Save changes')
    await page.keyboard.press('Enter')
    await page.getByText('The key is changed.').first().waitFor()
    await changes.waitFor({ state: 'detached' })
    const body = (await read(secret)) as { expiresAt: string }
    assert.partialDeepStrictEqual(body, {
      name: 'deploy of the website',
      description: 'Stored in the vault.\nAsk Grace.',
      permissions: ['read:sandboxes'],
    })
    assert.ok(Math.abs(Date.parse(body.expiresAt) - Date.now() - 7 * 24 * 60 * 60 * 1000) < 10 * 60 * 1000)
    // Nothing is left to save, so leaving does not ask.
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('Ask Grace.').waitFor()
    assert.deepEqual(problems, [])
  })

  it('shows the use of an earlier secret, ends it before its time, and keeps the current one', async (t) => {
    const { page, problems } = await visit(t, browser)
    await page.goto(keys)
    await signIn(page, service)
    await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    const path = await createOwnKey(page, 'turned')
    const copied = () => page.evaluate(() => navigator.clipboard.readText())
    const status = async (value: string) => (await service.request('GET', '/api-keys/current', value)).status
    const first = await copied()
    await page.getByRole('button', { name: 'Rotate' }).click()
    await page.getByRole('button', { name: 'Create new secret' }).click()
    await page.getByRole('button', { name: 'Copy key' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const second = await copied()
    await page.getByRole('link', { name: 'Done' }).click()
    const notice = page.getByRole('status').filter({ hasText: 'An earlier secret is still valid' })
    await notice.getByText('No request has used it.').waitFor()
    await notice.getByText('in 23 hours').waitFor()
    assert.deepEqual([await status(first), await status(second)], [200, 200])
    await waitFor(async () => {
      await page.reload()
      await notice.waitFor()
      return notice.getByText('Last request with it: just now').isVisible()
    }, 30_000)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'key-grace-1280-light')
    await tabTo(page, 'button', 'End it now…')
    await page.keyboard.press('Enter')
    await page.waitForURL(/open=end-previous/)
    const question = page.getByRole('alertdialog', { name: 'End earlier secrets of turned?' })
    await question.getByText('Last request with it').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await tabTo(page, 'button', 'End the secret')
    await page.keyboard.press('Enter')
    await page.getByText('Only the current secret is valid now.').first().waitFor()
    assert.deepEqual([await status(first), await status(second)], [401, 200])
    await question.waitFor({ state: 'detached' })
    assert.equal(await notice.count(), 0)
    await page.goto(`${origin}${path}?tab=activity`)
    await page.getByText('ended earlier secrets of the API key').waitFor()
    assert.deepEqual(problems, [])
  })

  it('says why an ended key and another member’s key cannot be changed', async (t) => {
    const { page } = await visitAsMember(t, browser, service, { name: 'Ada', email: 'ada@example.com' })
    await page.goto(`${origin}/dashboard`)
    const { value } = await createKey('ended')
    const { id } = (await read(value)) as { id: string }
    assert.equal((await service.request('DELETE', '/api-keys/ended', apiKey)).status, 204)
    const owner = await visit(t, browser)
    await owner.page.goto(`${keys}/${id}?tab=settings`)
    await signIn(owner.page, service)
    await owner.page.getByText('An ended key cannot be changed').waitFor()
    assert.deepEqual(await axeViolations(owner.page), [])
    // Ada cannot see the key of the owner at all.
    await page.goto(`${keys}/${id}?tab=settings`)
    await page.getByText('There is no such key').waitFor()
  })

  it('shows the first steps until a request arrives, and never again', async (t) => {
    const { page, problems } = await visitAsMember(t, browser, service, { name: 'Grace', email: 'grace@example.com' })
    const roles = `/organizations/${organizationId}`
    const { body: people } = await service.request('GET', `${roles}/users`, apiKey)
    const grace = (people as { userId: string; email: string }[]).find(({ email }) => email === 'grace@example.com')
    const access = { role: 'owner', assignedRoleIds: [] }
    assert.ok(grace)
    await page.goto(keys)
    const steps = page.getByRole('region', { name: 'First steps' })
    await steps.getByRole('link', { name: 'Create a key' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'first-steps-1280-light')
    // Only an owner in person makes an owner, so she gets a role.
    const { body: all } = await service.request('GET', `${roles}/roles`, apiKey)
    const [role] = (all as { id: string; permissions: string[] }[]).filter(({ permissions }) =>
      permissions.includes('write:sandboxes'),
    )
    const set = { ...access, role: 'member', assignedRoleIds: [role?.id] }
    assert.ok((await service.request('POST', `${roles}/users/${grace.userId}/access`, apiKey, set)).status < 300)
    await page.reload()
    await steps.getByRole('link', { name: 'Create a key' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('laptop')
    await page.getByRole('checkbox', { name: 'Write sandboxes' }).click()
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'Copy key' }).click()
    const secret = await page.evaluate(() => navigator.clipboard.readText())
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('link', { name: 'API keys' }).first().click()
    await steps.getByText('Waiting for the first request').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'first-steps-waiting-1280-light')
    await page.setViewportSize({ width: 390, height: 900 })
    await screenshot(page, 'first-steps-waiting-390-light')
    await page.setViewportSize({ width: 1280, height: 900 })
    await read(secret)
    await steps.getByText('It has arrived').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'first-steps-done-1280-light')
    await page.reload()
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    assert.equal(await steps.count(), 0)
    // Another browser knows it too: the keys say so.
    await page.evaluate(() => localStorage.clear())
    const reading = page.waitForResponse((answer) => answer.url().includes('sort=-lastUsedAt'))
    await page.reload()
    await reading
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    assert.equal(await steps.count(), 0)
    assert.deepEqual(problems, [])
  })

  it('sees the first request of a key although there is no stream of events', async (t) => {
    const { page } = await visit(t, browser)
    const body = { statusCode: 429, message: 'Too Many Requests', error: 'Rate limit exceeded' }
    let refused = 0
    await page.route(
      ({ pathname }) => pathname === '/events',
      (route) => {
        refused += 1
        return route.fulfill({ status: 429, json: body, headers: { 'retry-after': '0' } })
      },
    )
    await page.goto(`${keys}/new?name=without%20a%20stream&permissions=read:sandboxes`)
    await signIn(page, service)
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'Copy key' }).click()
    const secret = await page.evaluate(() => navigator.clipboard.readText())
    await waitFor(() => refused > 0, 20_000)
    await read(secret)
    await page.getByText('The first request has arrived').waitFor()
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`has no accessibility violation and no sideways scrolling, ${scheme}`, async (t) => {
      const { page } = await visit(t, browser, { scheme })
      await page.goto(keys)
      await signIn(page, service)
      await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
      const path = await createOwnKey(page, `layout ${scheme}`)
      await checkLayout(page, scheme, {
        'key-settings': {
          url: `${origin}${path}?tab=settings`,
          shown: (shown) => shown.getByRole('button', { name: 'Save changes' }),
        },
      })
    })
  }
})
