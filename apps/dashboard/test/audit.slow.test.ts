import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, overflowing, screenshot, signIn, tabTo, visit } from './browser.ts'
import { startService } from './service.ts'

/** More than a page of the list. */
const CHANGES = 60

describe('the audit trail in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const auditUrl = `${origin}/dashboard/o/${organizationId}/audit`

  const send = async (method: string, path: string, body: unknown): Promise<{ id: string }> => {
    const answer = await service.request(method, path, apiKey, body)
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
    return answer.body as { id: string } // of both requests below
  }
  const roles = `/organizations/${organizationId}/roles`
  const role = { name: 'בודק', permissions: ['read:snapshots'] }
  const { id: roleId } = await send('POST', roles, role)
  for (let times = 0; times < CHANGES; times += 1) await send('PUT', `${roles}/${roleId}`, role)
  await send('POST', '/api-keys', { name: 'ci', permissions: ['read:snapshots'], expiresAt: null })

  it('reads as sentences, filters by a press, keeps the filter in the URL, and loads more', async (t) => {
    const { page, problems } = await visit(t, browser)
    await page.goto(auditUrl)
    await signIn(page, service)
    const created = rows(page).filter({ hasText: 'created the API key ci' })
    // The address stands there until the names of the members have been read.
    await created.filter({ hasText: /^Owner with a key ending in \S{4} created the API key ci/ }).waitFor()
    assert.deepEqual(await axeViolations(page), [])

    await rows(page)
      .filter({ hasText: `changed the role ${role.name}` })
      .first()
      .waitFor()
    assert.equal(await rows(page).count(), 50)
    // The next page comes by itself when the end of the list comes into view.
    await page.getByRole('button', { name: 'Load more' }).scrollIntoViewIfNeeded()
    await rows(page).filter({ hasText: 'created the role' }).waitFor()
    assert.ok((await rows(page).count()) > CHANGES)

    await created.getByRole('button', { name: 'created the API key' }).click()
    await page.waitForURL(/[?&]action=api_key\.create/)
    await rows(page).filter({ hasText: 'changed the role' }).first().waitFor({ state: 'detached' })
    // The filter and the time range survive a new load, and back removes what was chosen last.
    await page.getByRole('combobox', { name: 'Time range' }).click()
    await page.getByRole('option', { name: 'Last hour' }).click()
    await page.waitForURL(/[?&]span=1h/)
    await page.reload()
    await created.waitFor()
    assert.equal(await page.getByRole('row', { name: /changed the role/ }).count(), 0)
    await page.goBack()
    await page.waitForURL((url) => !url.search.includes('span') && url.search.includes('action=api_key.create'))
    await page.getByRole('button', { name: /api_key\.create.*remove this filter/ }).click()
    await rows(page).filter({ hasText: 'changed the role' }).first().waitFor()

    await created.getByRole('button', { name: 'Details of api_key.create' }).click()
    const drawer = page.getByRole('dialog', { name: 'Event' })
    await drawer.getByText('"keyName": "ci"').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'audit-drawer-1280-light')
    // A link to the drawer opens it, even if the filters leave the event out.
    const link = new URL(page.url())
    link.searchParams.set('action', 'role.create')
    await page.goto(link.href)
    await drawer.getByText('"keyName": "ci"').waitFor()
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    await page.waitForURL((url) => !url.search.includes('event'))

    await page.goto(`${auditUrl}?action=no.such_action`)
    await page.getByText('No event matches').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    assert.deepEqual(problems, [])
  })

  it('exports what is filtered, and says until where the chain is intact, or where it is broken', async (t) => {
    const { page, problems } = await visit(t, browser)
    await page.goto(`${auditUrl}?action=api_key.create`)
    await signIn(page, service)
    await rows(page).filter({ hasText: 'created the API key ci' }).waitFor()
    const downloading = page.waitForEvent('download')
    await tabTo(page, 'button', 'Export')
    await page.keyboard.press('Enter')
    const file = await downloading
    assert.equal(file.suggestedFilename(), `audit-${organizationId}.ndjson`)
    const events = (await readFile(await file.path(), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.ok(events.some(({ metadata }) => metadata.keyName === 'ci'))
    assert.deepEqual([...new Set(events.map(({ action }) => action))], ['api_key.create'])

    const verify = page.getByRole('button', { name: 'Verify' })
    await verify.click()
    await page.getByText(/^The chain is intact up to event number \d+/).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'audit-verified-1280-light')
    const broken = { valid: false, events: 6, brokenAt: 7, brokenEventId: 'evt_changed', dropped: [] }
    await page.route(
      ({ pathname }) => pathname.endsWith('/verify'),
      (route) => route.fulfill({ json: broken }),
    )
    await verify.click()
    await page.getByText('The chain is broken at event number 7.').waitFor()
    await page.getByText('evt_changed').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    await page.route(
      ({ pathname }) => pathname.endsWith('/export'),
      (route) =>
        route.fulfill({
          status: 503,
          json: { statusCode: 503, message: 'Failed', error: 'The database is not available' },
        }),
    )
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByText('The database is not available').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    assert.deepEqual(problems, [])
  })

  it('shows new events as they happen, filtered, pauses, and misses none while the page is hidden', async (t) => {
    const { page, problems } = await visit(t, browser)
    await page.goto(auditUrl)
    await signIn(page, service)
    await rows(page).filter({ hasText: 'created the API key ci' }).waitFor()
    const shown = (name: string) => rows(page).filter({ hasText: `created the role ${name}` })
    const create = (name: string) => send('POST', roles, { ...role, name })
    const isLive = page.getByText('New events appear here.')
    await tabTo(page, 'button', 'Live')
    await page.keyboard.press('Enter')
    await page.waitForURL(/[?&]live=on/)
    await isLive.waitFor()
    await create('live 1')
    await shown('live 1').waitFor()
    await page.getByRole('status').filter({ hasText: '1 new event.' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])

    // What a person reads does not move while it is paused.
    await tabTo(page, 'button', 'Pause')
    await page.keyboard.press('Enter')
    await create('live 2')
    const resume = page.getByRole('button', { name: 'Resume, 1 new' })
    await resume.waitFor()
    assert.equal(await shown('live 2').count(), 0)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'audit-paused-1280-light')
    await resume.click()
    await shown('live 2').waitFor()

    await shown('live 2').getByRole('button', { name: 'created the role' }).click()
    await page.waitForURL(/[?&]action=role\.create/)
    await isLive.waitFor()
    await send('PUT', `${roles}/${roleId}`, role)
    await create('live 3')
    await shown('live 3').waitFor()
    assert.equal(await rows(page).filter({ hasText: 'changed the role' }).count(), 0)

    // While the page is hidden it has no stream, and it misses nothing.
    const setVisibility = (state: 'hidden' | 'visible') =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    const closed = page.waitForEvent('requestfailed', (one) => new URL(one.url()).pathname === '/events')
    await setVisibility('hidden')
    await closed
    await create('live 4')
    assert.equal(await shown('live 4').count(), 0)
    await setVisibility('visible')
    await shown('live 4').waitFor()
    // The link opens the same list, and a press ends it.
    await page.reload()
    await isLive.waitFor()
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.waitForURL((url) => !url.search.includes('live'))
    await isLive.waitFor({ state: 'detached' })
    assert.deepEqual(problems, [])
  })

  it('keeps 200 new events at most, and leaves no gap between them and the list', async (t) => {
    const { page } = await visit(t, browser)
    await page.goto(`${auditUrl}?live=on&targetId=${roleId}`)
    await signIn(page, service)
    await page.getByText('New events appear here.').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    const names = Array.from({ length: 205 }, (_, index) => `bulk ${String(index).padStart(3, '0')}`)
    for (const name of names) await send('PUT', `${roles}/${roleId}`, { ...role, name })
    await page.getByRole('button', { name: 'Resume, 200 or more new' }).click()
    await rows(page).filter({ hasText: 'bulk 204' }).waitFor()
    const newest = names.toReversed().slice(0, 50)
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 50)
    const texts = await rows(page).allTextContents()
    assert.deepEqual(
      texts.map((text) => /bulk \d+/.exec(text)?.[0]),
      newest,
    )
    await send('PUT', `${roles}/${roleId}`, role)
  })

  it('says which permission is missing, and shows the API’s sentence, the request and a retry', async (t) => {
    const { page, requested } = await visit(t, browser)
    let status = 403
    await page.route(
      (url) => url.pathname.endsWith(`/audit/organizations/${organizationId}`),
      (route) =>
        route.fulfill({
          status,
          json: { statusCode: status, message: 'Failed', error: 'The database is not available' },
          headers: { 'x-request-id': 'req-of-test' },
        }),
    )
    await page.goto(`${auditUrl}?live=on`)
    await signIn(page, service)
    await page.getByText('You don’t have access to this page').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    assert.ok(!requested.some((url) => new URL(url).pathname === '/events'))
    status = 503
    await page.reload()
    await page.getByText('The database is not available').waitFor()
    await page.getByText('req-of-test').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await rows(page).filter({ hasText: 'changed the role' }).first().waitFor()
  })

  for (const width of [390, 1280]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`has no accessibility violation and no sideways scrolling at ${width} px, ${scheme}`, async (t) => {
        const { page } = await visit(t, browser, { width, scheme })
        await page.goto(`${auditUrl}?action=api_key.create&live=on`)
        await signIn(page, service)
        await rows(page).filter({ hasText: 'created the API key ci' }).waitFor()
        await page.getByText('New events appear here.').waitFor()
        assert.deepEqual(await axeViolations(page), [])
        assert.deepEqual(await overflowing(page), [])
        await screenshot(page, `audit-${width}-${scheme}`)
      })
    }
  }
})

/** The events, without the head of the table. */
const rows = (page: Page) => page.locator('tbody tr')
