import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, focused, screenshot, signIn, type Visit, visit } from './browser.ts'
import { checkLayout } from './layout.ts'
import { setRole, visitAsMember } from './people.ts'
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
    'key-activity': {
      path: `keys/${ci.id}?tab=activity`,
      shown: (page: Page) => page.getByText('created the API key'),
    },
    'key-rotate': { path: `keys/${ci.id}?open=rotate`, shown: (page: Page) => page.getByRole('alertdialog') },
    'key-revoke': { path: `keys/${ci.id}?open=revoke`, shown: (page: Page) => page.getByRole('alertdialog') },
    'key-unknown': { path: 'keys/key_none', shown: (page: Page) => page.getByText('There is no such key') },
    'page-unknown': { path: 'nowhere', shown: (page: Page) => page.getByText('There is nothing here') },
  } as const

  for (const scheme of ['light', 'dark'] as const) {
    it(`are accessible and fit at 390 and 1280 pixels, ${scheme}`, async (t) => {
      const { page, problems } = await visit(t, browser, { scheme })
      await open(page, inOrganization('keys'))
      const shown = Object.entries(PAGES).map(([name, { path, shown }]) => [name, { url: inOrganization(path), shown }])
      await checkLayout(page, scheme, Object.fromEntries(shown))
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

  it('show that the last request of a key was denied', async (t) => {
    const { page } = await inKeys(t)
    const row = page.getByRole('row').filter({ hasText: 'ci' })
    await row.getByText('Denied').waitFor()
    await row.getByText(/^from (127\.0\.0\.1|::1)$/).waitFor()
  })

  it('show why requests with a key were denied, and lead to their events', async (t) => {
    const { page } = await visit(t, browser)
    await open(page, inOrganization(`keys/${ci.id}`))
    await page.getByText('Lacks the permission read:volumes').waitFor()
    await page.getByRole('link', { name: 'Usage' }).click()
    const denied = page.getByRole('region', { name: 'Denied requests' })
    await denied.getByText('Lacks the permission read:volumes').waitFor()
    await denied.getByRole('link', { name: 'Show them in the audit trail' }).click()
    await page.waitForURL(
      ({ pathname, searchParams }) => pathname.endsWith('/audit') && searchParams.get('targetId') === ci.id,
    )
    await page.getByText('denied requests with the API key').waitFor()
    await page.goBack()
    // A press on the bar of denied requests leads there, too.
    await page.locator('.recharts-bar-rectangle path[fill="var(--bad)"]').last().click()
    await page.waitForURL(/\/audit\?/)
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
    // As of a page that was loaded before the API had this rule: the page itself refuses such a name.
    await page.route(
      ({ pathname }) => pathname.endsWith('/api-keys'),
      (route, request) =>
        request.method() === 'POST'
          ? route.continue({ postData: JSON.stringify({ ...request.postDataJSON(), name: 'bidi \u202e name' }) })
          : route.continue(),
    )
    await page.getByRole('textbox', { name: 'Name' }).fill('of an older page')
    await page.getByRole('checkbox', { name: 'Read sandboxes' }).click()
    await page.getByRole('button', { name: 'Create key' }).click()
    const alert = page.getByRole('alert')
    await alert.getByText(/^name:/).waitFor()
    assert.match((await alert.textContent()) ?? '', /Request req_/)
    assert.deepEqual(await axeViolations(page), [])
    // What was typed is still there.
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'of an older page')
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

  it('export the selected keys as CSV, in which no name is a formula, and no key is whole', async (t) => {
    const formula = '=HYPERLINK("http://example.com"), x'
    const { value } = await createKey(formula)
    const { page } = await inKeys(t)
    for (const name of [formula, 'ci'])
      await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click()
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export CSV' }).click()
    const download = await downloading
    assert.equal(download.suggestedFilename(), 'api-keys.csv')
    const text = await readFile(await download.path(), 'utf8')
    const [header, ...rows] = text.split('\r\n')
    assert.equal(header, 'id,name,key,status,owner,permissions,created,last used,last seen,outcome,address,expires')
    assert.equal(rows.length, 2)
    // An apostrophe before the sign, and quotes doubled (RFC 4180).
    const row = rows.find((one) => one.includes('HYPERLINK'))
    assert.match(row ?? '', /^key_\w+,"'=HYPERLINK\(""http:\/\/example\.com""\), x",dta_/)
    assert.match(row ?? '', /,active,Owner,read:sandboxes write:sandboxes read:snapshots,/)
    assert.ok(!text.includes(value) && !text.includes(value.slice(8, 40)))
  })

  it('revoke several keys in one request, after asking, and keep the selection when it fails', async (t) => {
    const doomed = [await createKey('old 1'), await createKey('old 2')]
    const { page, requested } = await inKeys(t)
    for (const name of ['old 1', 'old 2']) await page.getByRole('checkbox', { name: `Select ${name}` }).click()
    await page.getByText('2 selected').waitFor()
    await screenshot(page, 'keys-selected-1280-light')
    const isRevocation = ({ pathname }: URL): boolean => pathname.endsWith('/api-keys/revoke-many')
    const body = { statusCode: 503, message: 'Service Unavailable', error: 'The database is not available' }
    await page.route(isRevocation, (route) =>
      route.fulfill({ status: 503, json: body, headers: { 'x-request-id': 'req-of-test' } }),
    )
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    const question = page.getByRole('alertdialog', { name: 'Revoke 2 keys?' })
    await question.getByRole('button', { name: 'Revoke keys' }).click()
    await question.getByText('The database is not available').waitFor()
    await question.getByText('req-of-test').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    requested.length = 0
    await question.getByRole('button', { name: 'Revoke keys' }).click()
    await page.getByText('2 keys are revoked.').first().waitFor()
    await page.getByRole('link', { name: 'old 1' }).waitFor({ state: 'detached' })
    // The buttons of the selection are gone: the focus is at the list, and Tab continues in it.
    await waitFor(async () => (await focused(page)) === 'TABLE API keys')
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'SPAN Select all')
    assert.deepEqual(await axeViolations(page), [])
    assert.equal(requested.filter((url) => isRevocation(new URL(url))).length, 1)
    for (const { value } of doomed) assert.equal((await service.request('GET', '/api-keys/current', value)).status, 401)
  })

  it('say which of several keys were not revoked, and why', async (t) => {
    const kept = await createKey('of the owner')
    await createKey('gone')
    const revoke = async (page: Page, names: readonly string[], before: () => Promise<void>): Promise<void> => {
      await page.goto(inOrganization('keys'))
      for (const name of names) await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click()
      await before()
      await page.getByRole('button', { name: 'Revoke', exact: true }).click()
      await page.getByRole('button', { name: 'Revoke keys' }).click()
    }
    const owner = await inKeys(t)
    await createKey('old 3')
    await revoke(owner.page, ['old 3', 'gone'], async () => {
      assert.equal((await service.request('DELETE', '/api-keys/gone', apiKey)).status, 204)
    })
    await owner.page.getByText('1 of 2 keys are revoked.').waitFor()
    await owner.page.getByText('gone had ended before.').waitFor()
    await owner.page.getByRole('link', { name: 'gone' }).waitFor({ state: 'detached' })
    assert.deepEqual(await axeViolations(owner.page), [])
    await screenshot(owner.page, 'keys-revoked-partly-1280-light')
    await owner.page.getByRole('button', { name: 'Dismiss' }).click()
    await owner.page.getByText('1 of 2 keys are revoked.').waitFor({ state: 'detached' })

    // An administrator who has lost the role revokes only their own keys.
    const { page } = await visitAsMember(t, browser, service, { name: 'Ada', email: 'ada@example.com', width: 390 })
    await setRole(service, 'ada@example.com', ['admin:organization'])
    await page.goto(inOrganization('keys/new?name=of%20ada&permissions=read:sandboxes'))
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'Copy key' }).click()
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('heading', { name: 'of ada', exact: true }).waitFor()
    await revoke(page, ['of ada', 'of the owner'], () => setRole(service, 'ada@example.com', []))
    await page.getByText('1 of 2 keys are revoked.').waitFor()
    await page.getByText('of the owner belongs to another member').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'keys-revoked-partly-390-light')
    assert.equal((await service.request('GET', '/api-keys/current', kept.value)).status, 200)
  })

  it('revoke a used key once its name is typed, however its characters are composed', async (t) => {
    const { id, value } = await createKey('clé d’été')
    await service.request('GET', '/sandbox', value)
    await waitFor(async () => {
      const { body } = await service.request('GET', '/api-keys/current', value)
      return (body as { lastUsedAt: string | null }).lastUsedAt !== null
    })
    const { page } = await visit(t, browser)
    await open(page, inOrganization(`keys/${id}`))
    const revoke = page.getByRole('button', { name: 'Revoke key' })
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    const field = page.getByRole('alertdialog').getByRole('textbox')
    await field.fill('clé d’ete')
    assert.ok(await revoke.isDisabled())
    await field.fill('clé d’été')
    await waitFor(() => revoke.isEnabled())
    // What was typed does not outlive the question.
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await waitFor(async () => (await field.inputValue()) === '')
    assert.ok(await revoke.isDisabled())
    await field.pressSequentially('clé d’été'.normalize('NFD'))
    assert.notEqual(await field.inputValue(), 'clé d’été')
    await revoke.click()
    await page.getByText('Refused by this server since').waitFor()
    await page.getByText('It was revoked: requests with it are refused.').waitFor()
    assert.equal(await page.getByText('Expires', { exact: true }).count(), 0)
    // Its button is gone, too.
    await waitFor(async () => (await focused(page)) === 'H1 clé d’été')
    assert.equal((await service.request('GET', '/api-keys/current', value)).status, 401)
  })
})
