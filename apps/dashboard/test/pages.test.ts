import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { axeViolations, launchBrowser, screenshot, signIn, type Visit, visit, withoutBrowser } from './browser.ts'
import { startService } from './service.ts'

describe('the pages of the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const inOrganization = (path: string): string => `${origin}/dashboard/o/${organizationId}/${path}`

  const createKey = async (name: string, more: object = {}): Promise<{ id: string; value: string }> => {
    const key = { name, permissions: ['read:sandboxes', 'write:sandboxes', 'read:snapshots'], ...more }
    const { status, body } = await service.request('POST', '/api-keys', apiKey, key)
    assert.equal(status, 201, JSON.stringify(body))
    return body as { id: string; value: string }
  }
  const soon = new Date(Date.now() + 3 * 24 * 60 * 60 * 1000).toISOString()
  const ci = await createKey('ci', { expiresAt: soon })
  await createKey('مفتاح النشر')
  await createKey('x'.repeat(128))
  // A use, and a denial, for the chart.
  await service.request('GET', '/sandbox', ci.value)
  await service.request('GET', '/volumes', ci.value)

  async function open(page: Page, url: string): Promise<void> {
    await page.goto(url)
    await signIn(page, service)
    await page.locator('main h1').waitFor()
  }

  /** The pages, with what is visible when they are complete. */
  const PAGES = {
    keys: { path: 'keys', shown: (page: Page) => page.getByRole('link', { name: 'ci', exact: true }) },
    'keys-empty': { path: 'keys?q=nowhere', shown: (page: Page) => page.getByText('No key matches') },
    'key-new': { path: 'keys/new', shown: (page: Page) => page.getByText('It expires on') },
    'key-overview': {
      path: `keys/${ci.id}`,
      shown: (page: Page) => page.getByText('owner@localhost.localdomain').last(),
    },
    'key-usage': { path: `keys/${ci.id}?tab=usage`, shown: (page: Page) => page.getByText('Show as a table') },
    'key-activity': { path: `keys/${ci.id}?tab=activity`, shown: (page: Page) => page.getByText('api_key.create') },
    'key-rotate': { path: `keys/${ci.id}?open=rotate`, shown: (page: Page) => page.getByRole('alertdialog') },
    'key-revoke': { path: `keys/${ci.id}?open=revoke`, shown: (page: Page) => page.getByRole('alertdialog') },
    'key-unknown': { path: 'keys/key_none', shown: (page: Page) => page.getByText('There is no such key') },
    'page-unknown': { path: 'nowhere', shown: (page: Page) => page.getByText('There is nothing here') },
  } as const

  for (const scheme of ['light', 'dark'] as const) {
    it(`are accessible and fit at 390 and 1280 pixels, ${scheme}`, async (t) => {
      const { page, problems } = await visit(t, browser, { scheme })
      await open(page, inOrganization('keys'))
      for (const [name, { path, shown }] of Object.entries(PAGES)) {
        await page.setViewportSize({ width: 1280, height: 900 })
        await page.goto(inOrganization(path))
        await shown(page).waitFor()
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 900 })
          await shown(page).waitFor()
          assert.deepEqual(await axeViolations(page), [], `${name} at ${width}`)
          const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
          assert.ok(excess <= 0, `${name} at ${width} is ${excess} pixels too wide`)
          await screenshot(page, `${name}-${width}-${scheme}`)
        }
      }
      assert.deepEqual(problems, [])
    })
  }

  const inKeys = async (scope: Parameters<typeof visit>[0]): Promise<Visit> => {
    const visited = await visit(scope, browser)
    await open(visited.page, inOrganization('keys'))
    await visited.page.getByRole('link', { name: 'ci', exact: true }).waitFor()
    return visited
  }

  it('keep filter, order and dialog in the URL, and go back', async (t) => {
    const { page } = await inKeys(t)
    await page.getByRole('button', { name: '1 expires within 7 days' }).click()
    await page.waitForURL(/status=expiring/)
    await page.getByRole('link', { name: 'first-run' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await page.waitForURL(/sort=name/)
    await page.getByRole('button', { name: 'Actions for ci' }).click()
    await page.getByRole('menuitem', { name: 'Rotate…' }).click()
    await page.getByRole('alertdialog', { name: 'Rotate ci' }).waitFor()
    assert.match(page.url(), /open=rotate/)
    await page.goBack()
    await page.waitForURL(/status=expiring.*sort=name|sort=name.*status=expiring/)
    await page.getByRole('link', { name: 'ci', exact: true }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'first-run' }).waitFor()
  })

  it('find a pasted key by its mask, without sending the key', async (t) => {
    const { page, requested } = await inKeys(t)
    await page.getByRole('searchbox', { name: 'Search keys' }).fill(ci.value)
    await page.waitForURL(/q=/)
    await page.getByRole('link', { name: 'first-run' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'ci', exact: true }).waitFor()
    for (const text of [page.url(), ...requested]) assert.ok(!text.includes(ci.value.slice(8, 40)), text)
  })

  it('show an error in the words of the API with the request id, and try again', async (t) => {
    const { page } = await visit(t, browser)
    await open(page, inOrganization('keys/new'))
    // A link may fill in a value that the API refuses.
    await page.getByRole('textbox', { name: 'Name' }).fill('bidi \u202e name')
    await page.getByRole('checkbox', { name: 'Read sandboxes' }).click()
    await page.getByRole('button', { name: 'Create key' }).click()
    const alert = page.getByRole('alert')
    await alert.getByText(/^name:/).waitFor()
    assert.match((await alert.textContent()) ?? '', /Request req_/)
    assert.deepEqual(await axeViolations(page), [])
    // What was typed is still there.
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'bidi \u202e name')
    assert.ok(await page.getByRole('checkbox', { name: 'Read sandboxes' }).isChecked())
  })

  it('show that the server cannot be reached, and read again on request', async (t) => {
    const { page, context } = await inKeys(t)
    await context.setOffline(true)
    await page.getByRole('searchbox', { name: 'Search keys' }).fill('ci')
    await page.getByText('The server could not be reached').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await context.setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The server could not be reached').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'ci', exact: true }).waitFor()
  })

  it('fill in a new key from a link, and create nothing by themselves', async (t) => {
    const { page } = await visit(t, browser)
    await open(page, inOrganization('keys/new?name=from%20a%20link&permissions=read:volumes,unknown&expires=7'))
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'from a link')
    assert.ok(await page.getByRole('checkbox', { name: 'Read volumes' }).isChecked())
    assert.ok(await page.getByRole('radio', { name: '7 days' }).isChecked())
    await page.getByRole('radio', { name: 'Never' }).click()
    await page.getByText('A key without expiry is valid until it is revoked').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('Enter a name.').waitFor()
    assert.ok(
      await page.getByRole('textbox', { name: 'Name' }).evaluate((element) => element === document.activeElement),
    )
    assert.deepEqual(await axeViolations(page), [])
    const { body } = await service.request('GET', '/api-keys', apiKey)
    assert.ok(!(body as { name: string }[]).some(({ name }) => name === 'from a link'))
  })

  it('revoke several keys at once, after asking', async (t) => {
    const doomed = [await createKey('old 1'), await createKey('old 2')]
    const { page } = await inKeys(t)
    for (const name of ['old 1', 'old 2']) await page.getByRole('checkbox', { name: `Select ${name}` }).click()
    await page.getByText('2 selected').waitFor()
    await screenshot(page, 'keys-selected-1280-light')
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByRole('alertdialog', { name: 'Revoke 2 keys?' }).waitFor()
    await page.getByRole('button', { name: 'Revoke keys' }).click()
    await page.getByText('2 keys are revoked.').first().waitFor()
    assert.deepEqual(await axeViolations(page), [])
    for (const { value } of doomed) assert.equal((await service.request('GET', '/api-keys/current', value)).status, 401)
  })
})
