import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { signIn, visit } from './browser.ts'
import { startService } from './service.ts'

describe('the built dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId } = service

  it('returns to the address that was opened, and signs in again without a page when it is reloaded', async (t) => {
    const { page, context, requested } = await visit(t, browser)
    const address = `${origin}/dashboard/o/${organizationId}/keys?status=all&sort=name`
    await page.goto(address)
    await signIn(page, service)
    await page.getByRole('heading', { name: 'API keys' }).waitFor()
    assert.equal(page.url(), address)
    requested.length = 0
    await page.reload()
    await page.getByRole('link', { name: 'first-run' }).waitFor()
    assert.ok(requested.some((url) => url.includes('prompt=none')))
    assert.ok(!requested.some((url) => url.includes('/oauth/interaction')))
    // Another tab needs no page either.
    const other = await context.newPage()
    await other.goto(address)
    await other.getByRole('link', { name: 'first-run' }).waitFor()
  })

  it('opens a page as if values in its address that it does not know were absent', async (t) => {
    const { page } = await visit(t, browser)
    await page.goto(`${origin}/dashboard/o/${organizationId}/keys`)
    await signIn(page, service)
    await page.getByRole('heading', { name: 'API keys' }).waitFor()
    const pages = [
      [`/o/${organizationId}/keys`, page.getByRole('link', { name: 'first-run' })],
      [`/o/${organizationId}/settings`, page.locator('[aria-current="page"]', { hasText: 'General' })],
      [`/o/${organizationId}/members`, page.getByRole('row').nth(1)],
      [`/o/${organizationId}/audit`, page.getByRole('row').nth(1)],
      ['/account', page.locator('[aria-current="page"]', { hasText: 'Profile' })],
    ] as const
    for (const [path, shown] of pages) {
      await page.goto(`${origin}/dashboard${path}?tab=none&status=none&sort=none&open=none&span=none&x=1`)
      await shown.waitFor()
      assert.equal(page.url(), `${origin}/dashboard${path}`)
    }
  })
})
