import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { KEY_FORM } from '@daytona-auth/protocol/api-key-format'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { axeViolations, screenshot, signIn, tabTo, visit } from './browser.ts'
import { startService } from './service.ts'

const KEY = new RegExp(`^${KEY_FORM}$`)
const UNAUTHORIZED = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired API key' }

describe('the guide in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId } = service
  const read = async (key: string) => (await service.request('GET', '/api-keys/current', key)).status

  it('creates “My API Key”, sees its first request, rotates and revokes it, by keyboard only', async (t) => {
    const { page, problems, requested } = await visit(t, browser)
    const pasted = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())

    await page.goto(origin)
    await signIn(page, service)
    await page.getByRole('heading', { name: 'API keys' }).waitFor()
    assert.equal(new URL(page.url()).pathname, `/dashboard/o/${organizationId}/keys`)

    await tabTo(page, 'link', 'Create key')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Create an API key' }).waitFor()
    await tabTo(page, 'textbox', 'Name')
    await page.keyboard.type('My API Key')
    await tabTo(page, 'radio', '30 days')
    await page.keyboard.press('ArrowRight')
    assert.ok(await page.getByRole('radio', { name: '90 days' }).isChecked())
    for (const permission of ['Write sandboxes', 'Read snapshots']) {
      await tabTo(page, 'checkbox', new RegExp(permission))
      await page.keyboard.press('Space')
    }
    await page.getByText('A key with Sandboxes W, Snapshots R, valid until').waitFor()
    await tabTo(page, 'button', 'Create key')
    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'Your API key' }).waitFor()
    await page.getByText('Waiting for the first request').waitFor()
    assert.doesNotMatch((await page.getByTestId('secret').textContent()) ?? '', KEY)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'secret-1280-light')
    // Leaving before the key was copied asks, and does not leave.
    await tabTo(page, 'link', 'Done')
    await page.keyboard.press('Enter')
    await page.getByRole('alertdialog', { name: 'You have not copied the key' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await tabTo(page, 'button', 'Copy key')
    await page.keyboard.press('Enter')
    const first = await waitFor(async () => KEY.exec(await pasted())?.[0])

    const { body } = await service.request('GET', '/api-keys/current', first)
    assert.partialDeepStrictEqual(body, {
      name: 'My API Key',
      permissions: ['write:sandboxes', 'read:snapshots'],
      status: 'active',
      organizationIds: [organizationId],
    })
    await page
      .getByText(/^The first request has arrived, just now: GET \/api-keys\/current from (127\.0\.0\.1|::1)\.$/)
      .waitFor()
    assert.ok(requested.includes(`${origin}/events`))
    await screenshot(page, 'secret-used-1280-light')

    await tabTo(page, 'link', 'Done')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'My API Key' }).waitFor()
    await tabTo(page, 'button', 'Rotate')
    await page.keyboard.press('Enter')
    await page.getByRole('alertdialog', { name: 'Rotate My API Key' }).waitFor()
    assert.ok(await page.getByRole('radio', { name: '24 hours' }).isChecked())
    await tabTo(page, 'button', 'Create new secret')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'The new secret' }).waitFor()
    await tabTo(page, 'button', 'Copy key')
    await page.keyboard.press('Enter')
    const second = await waitFor(async () => {
      const text = KEY.exec(await pasted())?.[0]
      return text === first ? undefined : text
    })
    assert.deepEqual([await read(first), await read(second)], [200, 200])
    await tabTo(page, 'link', 'Done')
    await page.keyboard.press('Enter')
    await page.getByText('An earlier secret is still valid').waitFor()

    // It is in use: its name has to be typed.
    await tabTo(page, 'button', 'Revoke')
    await page.keyboard.press('Enter')
    await page.getByRole('alertdialog', { name: 'Revoke My API Key?' }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Revoke key' }).isDisabled())
    await page.keyboard.type('My API Key')
    await tabTo(page, 'button', 'Revoke key')
    await page.keyboard.press('Enter')
    await page.getByText(/^Refused by this server since|Refused by this server since/).waitFor()
    for (const key of [first, second]) {
      assert.deepEqual(await service.request('GET', '/sandbox', key), { status: 401, body: UNAUTHORIZED })
    }

    assert.deepEqual(problems, [])
    // Nothing but the service was asked, and no secret was in an address, in storage or in its log.
    assert.deepEqual(
      requested.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('blob:')),
      [],
    )
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]),
    )
    for (const secret of [first, second]) {
      for (const text of [...requested, stored, service.log(), page.url()]) assert.ok(!text.includes(secret))
    }
    assert.doesNotMatch(stored, /eyJ|access_token|refresh_token/)
  })
})
