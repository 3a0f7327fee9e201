import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { findIdentifierProblem } from '../src/pages/apis/api-draft.ts'
import { axeViolations, screenshot, signIn, tabTo, visit } from './browser.ts'
import { checkLayout } from './layout.ts'
import { startService } from './service.ts'

/** Identifiers, good ones and those that the API refuses. */
const IDENTIFIERS = [
  'https://invoices.example.com',
  'https://invoices.example.com/v1',
  'http://localhost:4000',
  'http://127.0.0.1:4000/v1',
  'https://invoices.example.com/',
  'invoices.example.com',
  'localhost:4000',
  'http://invoices.example.com',
  'https://Invoices.example.com',
  'https://invoices.example.com:443/v1',
  'https://invoices.example.com/#part',
  'https://ada:secret@invoices.example.com',
  'javascript:alert(1)',
  'invoices',
]

describe('APIs in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const apisUrl = `${origin}/dashboard/o/${organizationId}/apis`

  async function open(page: Page, url: string): Promise<void> {
    await page.goto(url)
    await signIn(page, service)
    await page.locator('main h1').waitFor()
  }
  const register = async (identifier: string): Promise<string> => {
    const scopes = [
      { name: 'books:read', description: 'See your books' },
      { name: 'books:write', description: 'ספרים' },
    ]
    const { status, body } = await service.request('POST', '/resource-servers', apiKey, {
      identifier,
      name: 'Books',
      scopes,
    })
    assert.equal(status, 201, JSON.stringify(body))
    return (body as { id: string }).id
  }

  it('finds the same fault in identifiers as the API, and each correction is accepted', async () => {
    for (const identifier of IDENTIFIERS) {
      const found = findIdentifierProblem(identifier)
      const create = async (text: string): Promise<number> => {
        const { status, body } = await service.request('POST', '/resource-servers', apiKey, {
          identifier: text,
          name: 'Checked',
        })
        if (status === 201) {
          await service.request('DELETE', `/resource-servers/${(body as { id: string }).id}`, apiKey)
        }
        return status
      }
      assert.equal(await create(identifier), found === undefined ? 201 : 400, `${identifier}: ${found?.problem}`)
      if (found?.fix !== undefined) assert.equal(await create(found.fix), 201, `${identifier} → ${found.fix}`)
    }
  })

  it('registers an API, changes its scopes, disables, enables and deletes it', async (t) => {
    const taken = await register('https://taken.example.com')
    const { page, problems } = await visit(t, browser)
    await open(page, apisUrl)
    await tabTo(page, 'link', 'Register API')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Register an API' }).waitFor()

    // Nothing is sent before the form is complete; each field says what it lacks.
    await page.getByRole('textbox', { name: 'Name of scope 1' }).fill('read:sandboxes')
    await page.getByRole('button', { name: 'Register API' }).click()
    await page.getByText('Enter a name.').waitFor()
    await page.getByText('Enter the URL of the API.').waitFor()
    await page.getByText('This is a scope of Daytona. Choose another name.').waitFor()
    await page.getByText('Say what it allows.').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'api-new-problems-1280-light')

    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Invoices')
    await page.getByRole('textbox', { name: 'URL' }).fill('taken.example.com')
    await page.getByRole('button', { name: 'Use https://taken.example.com' }).click()
    await page.getByRole('textbox', { name: 'Name of scope 1' }).fill('invoices:read')
    await page.getByRole('textbox', { name: 'What it allows of scope 1' }).fill('See your invoices')
    await page.getByRole('button', { name: 'Add scope' }).click()
    await page.getByRole('textbox', { name: 'Name of scope 2' }).fill('invoices:send')
    await page.getByRole('textbox', { name: 'What it allows of scope 2' }).fill('Send invoices')
    await page.getByRole('button', { name: 'Register API' }).click()
    await page.getByText('An API with this URL is registered').waitFor()
    await page.getByRole('textbox', { name: 'URL' }).fill('https://invoices.example.com')
    await page.getByRole('button', { name: 'Register API' }).click()

    await page.getByRole('heading', { name: 'Invoices', exact: true }).waitFor()
    await page.getByText("audience: 'https://invoices.example.com'").waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'api-registered-1280-light')
    const read = async () => {
      const { body } = await service.request('GET', '/resource-servers', apiKey)
      return (body as { id: string; identifier: string; enabled: boolean; scopes: { name: string }[] }[]).find(
        ({ identifier }) => identifier === 'https://invoices.example.com',
      )
    }
    assert.deepEqual((await read())?.scopes, [
      { name: 'invoices:read', description: 'See your invoices' },
      { name: 'invoices:send', description: 'Send invoices' },
    ])

    // A removed scope is named before it is saved.
    await page.getByRole('button', { name: 'Remove the scope invoices:send' }).click()
    await page.getByText('Tokens lose invoices:send.').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('The API is changed.').first().waitFor()
    assert.deepEqual(
      (await read())?.scopes.map(({ name }) => name),
      ['invoices:read'],
    )

    await page.getByRole('button', { name: 'Disable' }).click()
    await page
      .getByRole('alertdialog', { name: 'Disable Invoices?' })
      .getByRole('button', { name: 'Disable API' })
      .click()
    await page.getByText('It is disabled: no tokens').waitFor()
    assert.equal((await read())?.enabled, false)
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('It is disabled: no tokens').waitFor({ state: 'detached' })
    assert.equal((await read())?.enabled, true)

    await page.getByRole('button', { name: 'Delete' }).click()
    const deletion = page.getByRole('alertdialog', { name: 'Delete Invoices?' })
    await deletion.waitFor()
    assert.ok(await deletion.getByRole('button', { name: 'Delete API' }).isDisabled())
    assert.deepEqual(await axeViolations(page), [])
    await deletion.getByRole('textbox').fill('Invoices')
    await deletion.getByRole('button', { name: 'Delete API' }).click()
    await page.getByRole('heading', { name: 'APIs', exact: true }).waitFor()
    await page.getByRole('link', { name: 'Books' }).waitFor()
    assert.equal(await read(), undefined)
    await service.request('DELETE', `/resource-servers/${taken}`, apiKey)
    assert.deepEqual(problems, [])
  })

  it('shows in the authorized apps which scopes of which API a person has allowed', async (t) => {
    const identifier = 'https://books.example.com'
    const id = await register(identifier)
    const { body } = await service.request('POST', '/oauth-apps', apiKey, {
      name: 'Reader',
      type: 'native',
      scopes: ['openid'],
      redirectUris: ['http://localhost:1/callback'],
    })
    const { page } = await visit(t, browser)
    await open(page, `${apisUrl}/${id}`)
    // The parameters of the page are those that an app adds.
    const parameters = (await page.locator('pre').first().textContent()) ?? ''
    await page.route('http://localhost:1/**', (route) => route.fulfill({ body: 'back in the app' }))
    const request = new URLSearchParams({
      client_id: (body as { clientId: string }).clientId,
      redirect_uri: 'http://localhost:1/callback',
      response_type: 'code',
      code_challenge: createHash('sha256').update('x'.repeat(43)).digest('base64url'),
      code_challenge_method: 'S256',
    })
    await page.goto(`${origin}/oauth/authorize?${request}&${parameters.replaceAll('\n', '&')}`)
    await page.getByText('See your books').waitFor()
    await page.getByRole('button', { name: 'Allow access' }).click()
    await page.getByText('back in the app').waitFor()
    await page.goto(`${origin}/dashboard/account?tab=apps`)
    const row = page.getByRole('row').filter({ hasText: 'Reader' })
    await row.getByText(identifier).waitFor()
    for (const scope of ['books:read', 'books:write']) await row.getByText(scope).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'account-apps-of-api-1280-light')
    await service.request('DELETE', `/resource-servers/${id}`, apiKey)
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`have no accessibility violation and no sideways scrolling, ${scheme}`, async (t) => {
      const id = await register(`https://${scheme}.example.com/${'x'.repeat(200)}`)
      const { page } = await visit(t, browser, { scheme })
      await open(page, apisUrl)
      await checkLayout(page, scheme, {
        apis: { url: apisUrl, shown: (shown) => shown.getByRole('link', { name: 'Books' }) },
        'api-new': { url: `${apisUrl}/new`, shown: (shown) => shown.getByRole('button', { name: 'Register API' }) },
        api: { url: `${apisUrl}/${id}`, shown: (shown) => shown.getByRole('heading', { name: 'Use it' }) },
        'api-delete': { url: `${apisUrl}/${id}?open=delete`, shown: (shown) => shown.getByRole('alertdialog') },
        'api-unknown': { url: `${apisUrl}/rs_none`, shown: (shown) => shown.getByText('There is no such API') },
      })
    })
  }
})
