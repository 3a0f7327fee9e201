import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { axeViolations, launchBrowser, overflowing, screenshot, signIn, visit, withoutBrowser } from './browser.ts'
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
    await created.waitFor()
    assert.match((await created.textContent()) ?? '', /^Owner with a key ending in \S{4} created the API key ci/)
    assert.deepEqual(await axeViolations(page), [])

    await rows(page)
      .filter({ hasText: `changed the role ${role.name}` })
      .first()
      .waitFor()
    assert.equal(await rows(page).count(), 50)
    await page.getByRole('button', { name: 'Load more' }).click()
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

  it('says which permission is missing, and shows the API’s sentence, the request and a retry', async (t) => {
    const { page } = await visit(t, browser)
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
    await page.goto(auditUrl)
    await signIn(page, service)
    await page.getByText('You don’t have access to this page').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    status = 503
    await page.reload()
    await page.getByText('The database is not available').waitFor()
    await page.getByText('req-of-test').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await rows(page).filter({ hasText: 'created the API key ci' }).waitFor()
  })

  for (const width of [390, 1280]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`has no accessibility violation and no sideways scrolling at ${width} px, ${scheme}`, async (t) => {
        const { page } = await visit(t, browser, { width, scheme })
        await page.goto(`${auditUrl}?action=api_key.create`)
        await signIn(page, service)
        await rows(page).filter({ hasText: 'created the API key ci' }).waitFor()
        assert.deepEqual(await axeViolations(page), [])
        assert.deepEqual(await overflowing(page), [])
        await screenshot(page, `audit-${width}-${scheme}`)
      })
    }
  }
})

/** The events, without the head of the table. */
const rows = (page: Page) => page.locator('tbody tr')
