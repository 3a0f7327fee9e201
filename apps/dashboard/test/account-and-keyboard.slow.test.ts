import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, screenshot, signIn, tabTo, visit } from './browser.ts'
import { checkLayout } from './layout.ts'
import { signUp } from './people.ts'
import { startService } from './service.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

describe('the account and the keyboard in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, user } = service
  const account = `${origin}/dashboard/account`
  const keys = `${origin}/dashboard/o/${organizationId}/keys`

  /** Signs in, and returns the access token that the page sends. */
  async function open(page: Page, url: string): Promise<string> {
    const request = page.waitForRequest((one) => one.url().startsWith(origin) && 'authorization' in one.headers())
    await page.goto(url)
    await signIn(page, service)
    await page.locator('main h1').waitFor()
    return ((await request).headers()['authorization'] ?? '').replace('Bearer ', '')
  }

  it('changes the name, and the lists have it at once', async (t) => {
    const { page, problems } = await visit(t, browser)
    const token = await open(page, account)
    await page.getByText('Confirmed', { exact: true }).waitFor()
    assert.equal(
      await page.getByRole('link', { name: 'Password and account' }).getAttribute('href'),
      `${origin}/oauth/account/password`,
    )
    await tabTo(page, 'textbox', 'Name')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('  ')
    await page.getByText('Enter a name.').waitFor()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Grace Hopper')
    await page.getByRole('link', { name: 'Sessions' }).click()
    await page.getByRole('alertdialog', { name: 'You have unsaved changes' }).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Save name' }).click()
    await page.getByText('Your name is changed.').first().waitFor()
    assert.equal(((await service.request('GET', '/users/me', token)).body as { name: string }).name, 'Grace Hopper')
    await page.goto(`${origin}/dashboard/o/${organizationId}/members`)
    await page.getByRole('row').filter({ hasText: 'Grace Hopper (you)' }).waitFor()
    assert.deepEqual(problems, [])
  })

  it('shows the browser, the address and the last use of each session, ends one, then all others, and never its own', async (t) => {
    const others: string[] = []
    // The one whose last use is read comes last: on a slow machine it was no longer just now.
    for (const userAgent of [undefined, undefined, FIREFOX]) {
      const { page } = await visit(t, browser, userAgent === undefined ? {} : { userAgent })
      others.push(await open(page, account))
    }
    const statuses = () =>
      Promise.all(others.map(async (token) => (await service.request('GET', '/users/me', token)).status))
    const { page, problems } = await visit(t, browser)
    const own = await open(page, `${account}?tab=sessions`)
    const rows = page.locator('tbody tr')
    await rows.filter({ hasText: 'This browser' }).waitFor()
    assert.ok((await page.getByRole('button', { name: /^End the session of Chrome \d+ on Linux$/ }).count()) >= 2)
    const firefox = rows.filter({ hasText: 'Firefox 140 on Windows' })
    await firefox.getByText('127.0.0.1').waitFor()
    assert.match((await firefox.textContent()) ?? '', /just now/)
    assert.match((await rows.filter({ hasText: 'This browser' }).textContent()) ?? '', /Chrome \d+ on Linux/)
    assert.equal(await rows.filter({ hasText: 'This browser' }).getByRole('button').count(), 0)
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'account-sessions-1280-light')
    await tabTo(page, 'button', 'End the session of Firefox 140 on Windows')
    await page.keyboard.press('Enter')
    const question = page.getByRole('alertdialog', { name: 'End this session?' })
    await question.getByText('Firefox 140 on Windows').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await question.getByRole('button', { name: 'End session' }).click()
    await page.getByText('1 session is ended.').first().waitFor()
    assert.deepEqual(await statuses(), [200, 200, 401])
    await page.getByRole('button', { name: 'End all others' }).click()
    await page
      .getByRole('alertdialog', { name: 'End all other sessions?' })
      .getByRole('button', { name: /^End/ })
      .click()
    await page
      .getByText(/sessions are ended\.|1 session is ended\./)
      .last()
      .waitFor()
    await rows.filter({ hasText: 'This browser' }).waitFor()
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
    assert.deepEqual(await statuses(), [401, 401, 401])
    assert.equal((await service.request('GET', '/users/me', own)).status, 200)
    assert.ok(await page.getByRole('button', { name: 'End all others' }).isDisabled())
    assert.deepEqual(problems, [])
  })

  it('takes back the access of an app', async (t) => {
    const created = await service.request('POST', '/oauth-apps', service.apiKey, {
      name: 'Notes',
      type: 'web',
      redirectUris: ['http://localhost:1/callback'],
      scopes: ['openid', 'read:volumes'],
    })
    const { clientId } = created.body as { clientId: string }
    const { page, problems } = await visit(t, browser)
    const token = await open(page, account)
    const query = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: 'http://localhost:1/callback',
      scope: 'openid read:volumes',
      state: 'of-the-test',
    })
    await page.route('http://localhost:1/**', (route) => route.fulfill({ body: 'back in the app' }))
    await page.goto(`${origin}/oauth/authorize?${query}`)
    await page.locator('[name=organization]').first().check()
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.getByText('back in the app').waitFor()
    const listed = async () =>
      ((await service.request('GET', '/users/me/authorized-apps', token)).body as { clientId: string }[]).map(
        (one) => one.clientId,
      )
    assert.ok((await listed()).includes(clientId))
    await page.goto(`${account}?tab=apps`)
    const row = page.getByRole('row').filter({ hasText: 'Notes' })
    await row.getByText('read:volumes').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'account-apps-1280-light')
    await tabTo(page, 'button', 'Take back the access of Notes')
    await page.keyboard.press('Enter')
    const question = page.getByRole('alertdialog', { name: 'Take back the access of Notes?' })
    await question.waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await question.getByRole('button', { name: 'Take back access' }).click()
    await page.getByText('The access is taken back.').first().waitFor()
    await row.waitFor({ state: 'detached' })
    assert.ok(!(await listed()).includes(clientId))
    assert.deepEqual(problems, [])
  })

  it('asks a person without a confirmed address to confirm it, and sends the mail again', async (t) => {
    const { page } = await visit(t, browser)
    await page.goto(account)
    await signUp(page, { name: 'Ada', email: 'ada@example.com' })
    await page.getByText('Not confirmed').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'account-unconfirmed-1280-light')
    await page.getByRole('button', { name: 'Send the mail again' }).click()
    // One mail a minute: the sign-up has sent one, so the API refuses or says what it did.
    await page.getByRole('status').or(page.getByRole('alert')).last().waitFor()
  })

  it('opens pages, the search, the shortcuts and the commands by keys, but not while something is typed', async (t) => {
    const { page, problems } = await visit(t, browser)
    await open(page, keys)
    await page.getByRole('link', { name: 'first-run' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.getByRole('heading', { name: 'Members', exact: true }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.getByRole('heading', { name: 'Account', exact: true }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('k')
    await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    const search = page.getByRole('searchbox', { name: 'Search keys' })
    await search.waitFor()
    await page.keyboard.press('/')
    assert.ok(await search.evaluate((element) => element === document.activeElement))
    await page.keyboard.type('gm?/')
    assert.equal(await search.inputValue(), 'gm?/')
    await search.fill('')
    await search.blur()

    await page.keyboard.press('?')
    const shortcuts = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await shortcuts.getByText('Search the list of the page').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'shortcuts-1280-light')
    // A person may switch off what a single key does.
    await shortcuts.getByRole('checkbox').click()
    await page.keyboard.press('Escape')
    await shortcuts.waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.keyboard.press('Control+K')
    const palette = page.getByRole('dialog', { name: 'Commands' })
    /** Opens the commands, and waits until they have the focus, one frame later. */
    const openPalette = async () => {
      await page.keyboard.press('Control+K')
      await palette.locator('input:focus').waitFor()
    }
    await palette.getByRole('option', { name: 'Audit' }).waitFor()
    assert.equal(await shortcuts.count(), 0)
    assert.ok(page.url().includes('/keys'))
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'commands-1280-light')
    assert.ok(await palette.getByRole('combobox').evaluate((element) => element === document.activeElement))
    await page.keyboard.type('shortcuts')
    await page.keyboard.press('Enter')
    await shortcuts.waitFor()
    await shortcuts.getByRole('checkbox').click()
    await page.keyboard.press('Escape')
    await shortcuts.waitFor({ state: 'detached' })

    // Commands and keys are found by a part of their names.
    await openPalette()
    await page.keyboard.type('oauth')
    await palette.getByRole('option', { name: 'Create an OAuth app' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Create an OAuth app' }).waitFor()
    await openPalette()
    await page.keyboard.type('first')
    await palette.getByRole('option', { name: 'first-run' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'first-run', exact: true }).waitFor()
    // A pasted key is neither sent nor shown.
    await page.keyboard.press('Control+K')
    await palette.getByRole('combobox').fill(service.apiKey)
    assert.ok(!(await palette.getByRole('combobox').inputValue()).includes(service.apiKey.slice(10, 40)))
    assert.deepEqual(problems, [])
  })

  it('opens lists in the navigation of narrow screens, which is a dialog', async (t) => {
    const { page } = await visit(t, browser, { width: 390 })
    await open(page, keys)
    await page.getByRole('button', { name: 'Open navigation' }).click()
    const navigation = page.getByRole('dialog', { name: 'Navigation' })
    await navigation.getByRole('combobox', { name: /^Organization:/ }).click()
    const personal = page.getByRole('option').filter({ hasText: 'personal' })
    await personal.waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'navigation-switcher-390-light')
    await personal.click()
    await page.waitForURL((url) => url.pathname.endsWith('/keys') && !url.pathname.includes(organizationId))
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`have no accessibility violation and no sideways scrolling, ${scheme}`, async (t) => {
      const other = await visit(t, browser, { userAgent: FIREFOX })
      const token = await open(other.page, account)
      const { body } = await service.request('GET', '/users/me/sessions', token)
      const sessionId = (body as { id: string; current: boolean }[]).find(({ current }) => current)?.id
      const { page, problems } = await visit(t, browser, { scheme })
      await open(page, account)
      await checkLayout(page, scheme, {
        account: { url: account, shown: (one) => one.getByText('Confirmed', { exact: true }) },
        'account-sessions': { url: `${account}?tab=sessions`, shown: (one) => one.getByText('This browser') },
        'account-session-end': {
          url: `${account}?tab=sessions&open=session&id=${sessionId}`,
          shown: (one) => one.getByRole('alertdialog'),
        },
        'account-apps': { url: `${account}?tab=apps`, shown: (one) => one.getByText('This page') },
      })
      assert.deepEqual(problems, [])
      assert.ok(user.email)
    })
  }
})
