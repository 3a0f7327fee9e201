import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { axeViolations, overflowing, screenshot } from './browser.ts'
import { visitAsMember } from './people.ts'
import { startService } from './service.ts'

/** Each page of an organization, what a member without a role finds there, and the actions that must not be offered. */
const PAGES = [
  { path: 'keys', shown: 'No API keys yet' },
  { path: 'keys/new', shown: /^You do not have read:sandboxes/ },
  { path: 'keys/key_none', shown: 'There is no such key' },
  { path: 'members', shown: 'to invite people and to change access', missing: /^(Invite|Actions for)/ },
  { path: 'members?open=invite', shown: 'to invite people and to change access', missing: /^Send invitation/ },
  { path: 'roles', shown: 'to create and change roles', missing: /^Create role/ },
  { path: 'roles/new', shown: 'You don’t have access to this page', missing: /^Create role/ },
  { path: 'apps', shown: 'You don’t have access to this page', missing: /^Create app/ },
  { path: 'apps/new', shown: 'You don’t have access to this page', missing: /^Create app/ },
  { path: 'apis', shown: 'You don’t have access to this page', missing: /^Register API/ },
  { path: 'apis/new', shown: 'You don’t have access to this page', missing: /^Register API/ },
  { path: 'audit', shown: 'You don’t have access to this page', missing: /^Details of/ },
  { path: 'settings', shown: 'to rename the organization', missing: /^Rename/ },
  { path: 'settings?open=delete', shown: 'Only an owner can delete the organization.' },
  { path: 'settings?tab=usage', shown: 'No key yet' },
  { path: 'settings?tab=sign-on', shown: 'You don’t have access to this page', missing: /^Add domain/ },
  { path: 'settings?tab=app-access', shown: 'You don’t have access to this page', missing: /^(Approve|Block|Change)/ },
] as const

describe('a member without a role in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId } = service

  it('finds on each page what is allowed, and which permission is missing for the rest', async (t) => {
    const { page, problems } = await visitAsMember(t, browser, service, { name: 'Ada', email: 'ada@example.com' })
    for (const one of PAGES) {
      const { path, shown } = one
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto(`${origin}/dashboard/o/${organizationId}/${path}`)
      await page.getByText(shown).first().waitFor()
      if ('missing' in one) {
        assert.equal(await page.getByRole('button', { name: one.missing }).count(), 0, path)
        assert.equal(await page.getByRole('link', { name: one.missing }).count(), 0, path)
      }
      assert.equal(await page.getByRole('alertdialog').count(), 0, path)
      assert.deepEqual(await axeViolations(page), [], path)
      await page.setViewportSize({ width: 390, height: 900 })
      assert.deepEqual(await overflowing(page), [], path)
      await screenshot(page, `member-${path.replaceAll(/[^a-z]+/g, '-')}-390-light`)
    }
    // The navigation does not lead to pages that only explain this.
    await page.setViewportSize({ width: 1280, height: 900 })
    const navigation = page.getByRole('navigation', { name: 'Organization', exact: true })
    const labels = async (): Promise<string[]> =>
      (await navigation.getByRole('link').allTextContents()).map((text) => text.trim())
    assert.deepEqual(await labels(), ['API keys', 'Members', 'Roles', 'Organization'])
    assert.deepEqual(problems, [])
  })
})
