import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, focused, overflowing, screenshot, signIn, tabTo, visit } from './browser.ts'
import { confirmAddress, signUp } from './people.ts'
import { startService } from './service.ts'

/** 128 characters, right-to-left, and without a space to break at. */
const LONG_NAME = 'שלום'.repeat(32)

describe('members and invitations in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId } = service
  const membersUrl = `${origin}/dashboard/o/${organizationId}/members`

  it('invites several people, who accept, decline, get access and are removed', async (t) => {
    const { page, problems } = await visit(t, browser)
    await page.goto(membersUrl)
    await signIn(page, service)
    await page.getByRole('heading', { name: 'Members', exact: true }).waitFor()
    await rowOf(page, 'Owner (you)').waitFor()
    assert.deepEqual(await axeViolations(page), [])

    await tabTo(page, 'button', 'Invite people')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Invite people' })
    await tabTo(page, 'textbox', 'E-mail addresses')
    await page.keyboard.type('ada')
    await page.keyboard.press('Tab')
    await tabTo(page, 'button', 'Send invitation')
    await page.keyboard.press('Enter')
    await dialog.getByText('Not an e-mail address: ada').waitFor()
    await dialog
      .getByRole('textbox', { name: 'E-mail addresses' })
      .fill(`ada@example.com, <grace@example.com>\nADA@example.com ${service.user.email}`)
    await tabTo(page, 'button', 'Send 3 invitations')
    await page.keyboard.press('Enter')
    // Two are invited. The third stays, with the reason of the API.
    await dialog.getByText('A user with that address is a member already').waitFor()
    await dialog.getByText(/ada@example\.com: No mail server is configured/).waitFor()
    assert.equal(await dialog.getByRole('textbox', { name: 'E-mail addresses' }).inputValue(), service.user.email)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'members-invite-1280-light')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    for (const email of ['ada@example.com', 'grace@example.com']) {
      await rowOf(page, email).getByText('Invited', { exact: true }).waitFor()
    }

    // An invitation that is sent again has another link.
    const first = await service.linkTo('ada@example.com')
    await chooseAction(page, 'ada@example.com', 'Send again')
    await page.getByText(/No mail server is configured/).waitFor()
    const link = await service.linkTo('ada@example.com')
    assert.notEqual(link, first)

    // The link that is copied leads to the invitation, and confirms no address.
    await chooseAction(page, 'ada@example.com', 'Copy link')
    await page.getByText('The link is copied.').waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${origin}/dashboard`)

    await chooseAction(page, 'grace@example.com', 'Cancel invitation…')
    await page.getByRole('alertdialog', { name: 'Cancel the invitation of grace@example.com?' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('button', { name: 'Cancel invitation', exact: true }).click()
    await rowOf(page, 'grace@example.com').waitFor({ state: 'detached' })

    // The invited person signs up, confirms the address by the mailed link, and accepts in the dashboard.
    const ada = await visit(t, browser)
    await ada.page.goto(`${origin}/dashboard`)
    await signUp(ada.page, { name: LONG_NAME, email: 'ada@example.com' })
    await ada.page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    assert.equal(await ada.page.getByRole('region', { name: 'Your invitations' }).count(), 0)
    await confirmAddress(ada.page, link)
    // The page that the mail leads to leads on.
    await ada.page.getByRole('link', { name: 'Open the dashboard' }).click()
    const banner = ada.page.getByRole('region', { name: 'Your invitations' })
    await banner.getByText(`${service.user.email} invites you to`).waitFor()
    assert.deepEqual(await axeViolations(ada.page), [])
    await screenshot(ada.page, 'invitation-banner-1280-light')
    await tabTo(ada.page, 'button', /^Accept the invitation/)
    await ada.page.keyboard.press('Enter')
    await ada.page.waitForURL(`${origin}/dashboard/o/${organizationId}/keys`)
    await ada.page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    await banner.waitFor({ state: 'detached' })

    // As a member without a role, she sees the members, and what she needs to change them.
    await ada.page.getByRole('link', { name: 'Members' }).click()
    await ada.page.getByText('to invite people and to change access').waitFor()
    await rowOf(ada.page, `${LONG_NAME} (you)`).waitFor()
    assert.equal(await ada.page.getByRole('button', { name: /^(Actions for|Invite)/ }).count(), 0)
    assert.deepEqual(await axeViolations(ada.page), [])

    // She becomes an owner, which is effective at once.
    await page.reload()
    await rowOf(page, LONG_NAME).getByText('No role').waitFor()
    await chooseAction(page, LONG_NAME, 'Change access…')
    await page.getByRole('dialog', { name: `Access of ${LONG_NAME}` }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('radio', { name: 'Owner' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await rowOf(page, LONG_NAME).getByText('Owner', { exact: true }).waitFor()
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      assert.deepEqual(await overflowing(page), [], `with a long name at ${width} px`)
      await screenshot(page, `members-long-name-${width}-light`)
    }
    await ada.page.reload()
    await ada.page.getByRole('button', { name: 'Invite people' }).waitFor()

    // Her key stops with her membership, and the dialog names it before.
    await ada.page.goto(`${origin}/dashboard/o/${organizationId}/keys/new?permissions=read:snapshots`)
    await ada.page.getByRole('textbox', { name: 'Name' }).fill('laptop of Ada')
    await ada.page.getByRole('checkbox', { name: 'Read snapshots' }).check()
    await ada.page.getByRole('button', { name: 'Create key' }).click()
    await ada.page.getByRole('heading', { name: 'Your API key' }).waitFor()
    await chooseAction(page, LONG_NAME, 'Remove…')
    const removal = page.getByRole('alertdialog', { name: `Remove ${LONG_NAME}?` })
    await removal.getByText('laptop of Ada').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'members-remove-1280-light')
    await removal.getByRole('button', { name: 'Remove member' }).click()
    await rowOf(page, LONG_NAME).waitFor({ state: 'detached' })
    await waitFor(async () => (await focused(page)) === 'TABLE Members')
    await rowOf(page, 'Owner (you)').waitFor()

    // An invitation that is declined is gone.
    await page.getByRole('button', { name: 'Invite people' }).click()
    await dialog.getByRole('textbox', { name: 'E-mail addresses' }).fill('ada@example.com')
    await dialog.getByRole('button', { name: 'Send invitation' }).click()
    await dialog.getByText(/ada@example\.com: No mail server is configured/).waitFor()
    await ada.page.goto(`${origin}/dashboard`)
    await ada.page.getByRole('button', { name: /^Decline the invitation/ }).click()
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Decline' }).click()
    await banner.waitFor({ state: 'detached' })
    assert.deepEqual([...problems, ...ada.problems], [])
  })

  it('shows the API’s sentence, the request and a retry when the list fails', async (t) => {
    const { page } = await visit(t, browser)
    const body = { statusCode: 503, message: 'Service Unavailable', error: 'The database is not available' }
    const failing = (path: string) => path.endsWith(`/organizations/${organizationId}/users`)
    await page.route(
      (url) => failing(url.pathname),
      (route) => route.fulfill({ status: 503, json: body, headers: { 'x-request-id': 'req-of-test' } }),
    )
    await page.goto(membersUrl)
    await signIn(page, service)
    await page.getByText('The database is not available').waitFor()
    await page.getByText('req-of-test').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await rowOf(page, 'Owner (you)').waitFor()
    // The members stand without the invitations, and the page says what is missing.
    await page.route(
      (url) => url.pathname.endsWith(`/organizations/${organizationId}/invitations`),
      (route) => route.fulfill({ status: 503, json: body }),
    )
    await page.reload()
    await page.getByText('The list does not show who is invited.').waitFor()
    await rowOf(page, 'Owner (you)').waitFor()
    assert.deepEqual(await axeViolations(page), [])
  })

  for (const width of [390, 1280]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`has no accessibility violation and no sideways scrolling at ${width} px, ${scheme}`, async (t) => {
        const { page } = await visit(t, browser, { width, scheme })
        await page.goto(membersUrl)
        await signIn(page, service)
        await rowOf(page, 'Owner (you)').waitFor()
        assert.deepEqual(await axeViolations(page), [])
        assert.deepEqual(await overflowing(page), [])
        await screenshot(page, `members-${width}-${scheme}`)
        await page.goto(`${membersUrl}?q=no-such-name`)
        await page.getByText('No person matches').waitFor()
        await page.goto(`${membersUrl}?open=invite`)
        await page.getByRole('dialog', { name: 'Invite people' }).waitFor()
        assert.deepEqual(await axeViolations(page), [])
        await screenshot(page, `members-invite-${width}-${scheme}`)
      })
    }
  }
})

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })

async function chooseAction(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}
