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
})
