import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { peopleOf, testDatabase } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { axeViolations, overflowing, screenshot, signIn, visit } from './browser.ts'
import { setRole, visitAsMember } from './people.ts'
import { startService } from './service.ts'

describe('app access in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const { url: databaseUrl, database } = await testDatabase()
  const sql = database.$client
  const service = await startService({ after }, { DATABASE_URL: databaseUrl })
  const browser = await launchBrowser({ after })
  const people = peopleOf(database)
  const { organizationId } = service
  const url = `${service.origin}/dashboard/o/${organizationId}/settings?tab=app-access`
  const read = async (path: string) =>
    (await service.request('GET', `/organizations/${organizationId}${path}`, service.apiKey)).body
  const decisions = async () =>
    ((await read('/app-decisions')) as { clientId: string; decision: string }[]).map((one) => [
      one.clientId,
      one.decision,
    ])
  const requests = async () => ((await read('/app-requests')) as { clientId: string }[]).map((one) => one.clientId)

  /** Inserts an app whose approval the owner requested. */
  async function requestedApp(name: string): Promise<string> {
    const id = await people.client({ name })
    await sql`INSERT INTO app_requests (organization_id, user_id, client_id, expires_at)
      VALUES (${organizationId}, ${service.user.id}, ${id}, now() + interval '1 day')`
    return id
  }

  it('sets the policy after a preview, answers requests, and changes decisions', async (t) => {
    const used = await people.client({ name: 'Build board' })
    await sql`INSERT INTO grants (id, user_id, client_id, scopes, organization_ids, payload, expires_at)
      VALUES ('grant_used', ${service.user.id}, ${used}, '{openid}', ${[organizationId]}, '{}', now() + interval '1 day')`
    const wanted = await requestedApp('Deploy bot with a rather long name that has to wrap')
    const unwanted = await requestedApp('Crawler')
    const declined = await requestedApp('Notes')
    const { page, problems } = await visit(t, browser)
    const dialog = page.getByRole('alertdialog')
    await page.goto(url)
    await signIn(page, service)

    const policy = page.getByRole('region', { name: 'Policy' })
    const change = policy.getByRole('button', { name: 'Change policy' })
    await change.waitFor()
    assert.ok(await change.isDisabled())
    await policy.getByRole('radio', { name: 'Approved apps only' }).click()
    await change.click()
    await dialog.getByText('1 app loses access at once').waitFor()
    await dialog.getByText('1 member uses it').waitFor()
    await dialog.getByText('Build board').waitFor()
    await dialog.getByText(used).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'app-access-policy-1280-light')
    await page.setViewportSize({ width: 390, height: 900 })
    assert.deepEqual(await overflowing(page), [])
    await screenshot(page, 'app-access-policy-390-light')
    await page.setViewportSize({ width: 1280, height: 900 })
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    assert.equal(((await read('')) as { appAccess: string }).appAccess, 'any')
    await change.click()
    await dialog.getByText('Build board').waitFor()
    await dialog.getByRole('button', { name: 'Change policy' }).click()
    await page.getByText('The policy is changed.').waitFor()
    assert.equal(((await read('')) as { appAccess: string }).appAccess, 'by_approval')
    await policy.getByRole('radio', { name: 'Every app' }).click()
    await change.click()
    await dialog.getByText('No app that members use loses access.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await policy.getByRole('radio', { name: 'Approved apps only' }).click()

    const asked = page.getByRole('region', { name: 'Requests' })
    const decided = page.getByRole('region', { name: 'Decisions' })
    await asked.getByText(service.user.email).first().waitFor()
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 })
        assert.deepEqual(await axeViolations(page), [], `${width}, ${scheme}`)
        assert.deepEqual(await overflowing(page), [], `${width}, ${scheme}`)
        await screenshot(page, `app-access-requests-${width}-${scheme}`)
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 })
    await asked.getByRole('button', { name: /^Approve Deploy bot/ }).click()
    await dialog.getByText(wanted).waitFor()
    await screenshot(page, 'app-access-approve-1280-dark')
    await dialog.getByRole('button', { name: 'Approve app' }).click()
    await page.getByText('The app is approved.').waitFor()
    await asked.getByRole('button', { name: 'Block Crawler' }).click()
    await dialog.getByText('lose access to the organization at once').waitFor()
    await dialog.getByRole('button', { name: 'Block app' }).click()
    await page.getByText('The app is blocked.').waitFor()
    await asked.getByRole('button', { name: 'Decline Notes' }).click()
    await dialog.getByRole('button', { name: 'Decline requests' }).click()
    await page.getByText('The requests are declined.').waitFor()
    await asked.getByText('No open request').waitFor()
    assert.deepEqual(await requests(), [])
    assert.deepEqual(
      new Map((await decisions()) as [string, string][]),
      new Map([
        [wanted, 'approved'],
        [unwanted, 'blocked'],
      ]),
    )

    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 })
        assert.deepEqual(await axeViolations(page), [], `${width}, ${scheme}`)
        assert.deepEqual(await overflowing(page), [], `${width}, ${scheme}`)
        await screenshot(page, `app-access-decisions-${width}-${scheme}`)
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 })

    const act = async (name: RegExp, item: string): Promise<void> => {
      await decided.getByRole('button', { name }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await act(/^Actions for Deploy bot/, 'Block')
    await dialog.getByRole('button', { name: 'Block app' }).click()
    await decided.getByText('Approved', { exact: true }).waitFor({ state: 'detached' })
    await act(/^Actions for Crawler/, 'Delete decision')
    await dialog.getByRole('button', { name: 'Delete decision' }).click()
    await page.getByText('The decision is deleted.').waitFor()
    assert.deepEqual(await decisions(), [[wanted, 'blocked']])

    await decided.getByRole('textbox', { name: 'Client ID' }).fill('app_unknown')
    await decided.getByRole('button', { name: 'Block', exact: true }).click()
    await dialog.getByRole('button', { name: 'Block app' }).click()
    await dialog.getByText('OAuth app not found').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await decided.getByRole('textbox', { name: 'Client ID' }).fill(` ${declined} `)
    await decided.getByRole('button', { name: 'Approve', exact: true }).click()
    await dialog.getByRole('button', { name: 'Approve app' }).click()
    await decided.getByText('Notes').waitFor()
    assert.equal(new Map((await decisions()) as [string, string][]).get(declined), 'approved')
    assert.deepEqual(problems, [])
  })

  it('is hidden from members; administrators decide about apps, and do not set the policy', async (t) => {
    const email = 'eve@example.com'
    const { page, problems } = await visitAsMember(t, browser, service, { name: 'Eve', email })
    const clientId = await requestedApp('Wiki')
    await page.goto(url)
    await page.getByText('to decide about third-party apps').waitFor()
    assert.equal(await page.getByText('Wiki').count(), 0)
    await setRole(service, email, ['admin:organization'])
    await page.setViewportSize({ width: 390, height: 900 })
    await page.goto(url)
    await page.getByText('Only an owner can change the policy.').waitFor()
    const tabs = page.getByRole('navigation', { name: 'Parts of the organization' })
    const [frame, tab] = [await tabs.boundingBox(), await tabs.locator('[aria-current="page"]').boundingBox()]
    assert.ok(frame && tab && tab.x + tab.width <= frame.x + frame.width + 1, 'the current tab is visible')
    await screenshot(page, 'app-access-administrator-390-light')
    await page.setViewportSize({ width: 1280, height: 900 })
    assert.equal(await page.getByRole('radio').count(), 0)
    assert.equal(await page.getByRole('button', { name: 'Change policy' }).count(), 0)
    await page.getByRole('button', { name: 'Block Wiki' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Block app' }).click()
    await page.getByText('The app is blocked.').waitFor()
    assert.equal(new Map((await decisions()) as [string, string][]).get(clientId), 'blocked')
    assert.deepEqual(await axeViolations(page), [])
    assert.deepEqual(problems, [])
  })
})
