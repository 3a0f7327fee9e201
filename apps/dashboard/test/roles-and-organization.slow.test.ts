import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, screenshot, signIn, tabTo, visit } from './browser.ts'
import { checkLayout } from './layout.ts'
import { visitAsMember } from './people.ts'
import { startService } from './service.ts'

describe('roles and the organization in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const inOrganization = (path: string, id = organizationId): string => `${origin}/dashboard/o/${id}/${path}`
  const api = `/organizations/${organizationId}`

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(inOrganization(path))
    await signIn(page, service)
    await page.locator('main h1').waitFor()
  }
  const listRoles = async () =>
    (await service.request('GET', `${api}/roles`, apiKey)).body as { id: string; name: string; permissions: string[] }[]

  it('creates a role by keyboard, shows who has it, asks before something is taken, and deletes it', async (t) => {
    const ada = await visitAsMember(t, browser, service, { name: 'Ada', email: 'ada@example.com' })
    const { page, problems } = await visit(t, browser)
    await open(page, 'roles')
    await page.getByRole('row').filter({ hasText: 'Built in' }).first().waitFor()
    await tabTo(page, 'link', 'Create role')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Create a role' }).waitFor()
    await tabTo(page, 'button', 'Create role')
    await page.keyboard.press('Enter')
    await page.getByText('Enter a name.').waitFor()
    await page.getByText('Choose at least one permission.').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.keyboard.type('Deployment')
    for (const permission of ['Read sandboxes', 'Write sandboxes', 'Write volumes']) {
      await tabTo(page, 'checkbox', permission)
      await page.keyboard.press('Space')
    }
    await tabTo(page, 'button', 'Create role')
    await page.keyboard.press('Enter')
    const row = page.getByRole('row').filter({ hasText: 'Deployment' })
    await row.getByText('No member').waitFor()
    assert.match((await row.textContent()) ?? '', /Read, Write.*Write/)
    const role = (await listRoles()).find(({ name }) => name === 'Deployment')
    assert.deepEqual(role?.permissions, ['read:sandboxes', 'write:sandboxes', 'write:volumes'])

    const { body: people } = await service.request('GET', `${api}/users`, apiKey)
    const member = (people as { userId: string; email: string }[]).find(({ email }) => email === 'ada@example.com')
    const access = { role: 'member', assignedRoleIds: [role?.id] }
    assert.ok((await service.request('POST', `${api}/users/${member?.userId}/access`, apiKey, access)).status < 300)
    await page.reload()
    await row.getByText('1 person').waitFor()
    await row.getByRole('link', { name: 'Deployment' }).click()
    await page.getByRole('region', { name: 'Who has it' }).getByText('Ada').waitFor()

    // The difference, and the question before Ada loses something.
    await page.getByRole('checkbox', { name: 'Write volumes' }).click()
    await page.getByRole('checkbox', { name: 'Read registries' }).click()
    const changes = page.getByRole('region', { name: 'What changes' })
    await changes.getByText('read:registries').waitFor()
    await changes.getByText('write:volumes').waitFor()
    await screenshot(page, 'role-difference-1280-light')
    await page.getByRole('button', { name: 'Save changes' }).click()
    const question = page.getByRole('alertdialog', { name: 'Remove permissions from Deployment?' })
    await question.getByText(/^write:volumes is removed\. It is effective at once for 1 person/).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await question.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('The role is changed.').first().waitFor()
    await changes.waitFor({ state: 'detached' })
    assert.deepEqual((await listRoles()).find(({ id }) => id === role?.id)?.permissions, [
      'read:sandboxes',
      'write:sandboxes',
      'read:registries',
    ])

    // A taken name is refused beside its field.
    await service.request('POST', `${api}/roles`, apiKey, { name: 'Taken', permissions: ['read:volumes'] })
    await page.getByRole('textbox', { name: 'Name' }).fill('Taken')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Another role has this name.').waitFor()

    // A member without administration sees the roles, and what is needed to change them.
    await ada.page.goto(inOrganization('roles'))
    await ada.page.getByText('to create and change roles').waitFor()
    assert.equal(await ada.page.getByRole('link', { name: 'Create role' }).count(), 0)
    await ada.page.getByRole('link', { name: 'Deployment' }).click()
    await ada.page.getByText('to change roles').waitFor()
    assert.equal(await ada.page.getByRole('button', { name: /Save|Delete/ }).count(), 0)
    assert.deepEqual(await axeViolations(ada.page), [])

    await page.reload()
    await page.getByRole('button', { name: 'Delete' }).click()
    const deletion = page.getByRole('alertdialog', { name: 'Delete Deployment?' })
    await deletion.getByText('1 person loses its permissions at once').waitFor()
    await deletion.getByText('Ada').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await deletion.getByRole('button', { name: 'Delete role' }).click()
    await page.getByRole('heading', { name: 'Roles', exact: true }).waitFor()
    await row.waitFor({ state: 'detached' })
    assert.equal(
      (await listRoles()).find(({ id }) => id === role?.id),
      undefined,
    )
    assert.deepEqual([...problems, ...ada.problems], [])
  })

  it('shows the API’s sentence, the request and a retry when the roles cannot be read', async (t) => {
    const { page } = await visit(t, browser)
    const body = { statusCode: 503, message: 'Service Unavailable', error: 'The database is not available' }
    await page.route(
      (url) => url.pathname.endsWith(`${api}/roles`),
      (route) => route.fulfill({ status: 503, json: body, headers: { 'x-request-id': 'req-of-test' } }),
    )
    await open(page, 'roles')
    await page.getByText('The database is not available').waitFor()
    await page.getByText('req-of-test').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('row').filter({ hasText: 'Built in' }).first().waitFor()
    // The list stands without the members, and says what is missing.
    await page.route(
      (url) => url.pathname.endsWith(`${api}/users`),
      (route) => route.fulfill({ status: 503, json: body }),
    )
    await page.reload()
    await page.getByText('so the list does not say who has a role').waitFor()
    await page.getByRole('row').filter({ hasText: 'Built in' }).first().waitFor()
    assert.deepEqual(await axeViolations(page), [])
  })

  it('renames, is left by a member, and is deleted by an owner who types its name', async (t) => {
    const { page, problems } = await visit(t, browser)
    const reading = page.waitForRequest((one) => one.url().startsWith(origin) && 'authorization' in one.headers())
    await open(page, 'settings')
    const token = ((await reading).headers()['authorization'] ?? '').replace('Bearer ', '')
    await page.getByRole('textbox', { name: 'Name' }).fill('Acme שלום')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByText('The organization is renamed.').first().waitFor()
    await page.getByRole('combobox', { name: 'Organization: Acme שלום' }).first().waitFor()
    const { body } = await service.request('GET', api, apiKey)
    assert.equal((body as { name: string }).name, 'Acme שלום')

    // The last owner cannot leave: the API's sentence says so.
    await page.getByRole('button', { name: 'Leave organization' }).click()
    const leaving = page.getByRole('alertdialog', { name: 'Leave Acme שלום?' })
    await leaving.getByRole('button', { name: 'Leave' }).click()
    await leaving.getByRole('alert').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.keyboard.press('Escape')
    await leaving.waitFor({ state: 'detached' })

    // A member may leave, and not rename or delete.
    const member = await visitAsMember(t, browser, service, { name: 'Grace', email: 'grace@example.com' })
    await member.page.goto(inOrganization('settings'))
    await member.page.getByText('to rename the organization').waitFor()
    assert.ok(await member.page.getByRole('button', { name: 'Delete organization' }).isDisabled())
    assert.deepEqual(await axeViolations(member.page), [])
    await member.page.getByRole('button', { name: 'Leave organization' }).click()
    await member.page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await member.page.getByText('You have left the organization.').first().waitFor()
    await member.page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    assert.ok(!member.page.url().includes(organizationId))
    assert.deepEqual(member.problems, [])

    // Another organization, so that the others of this file keep theirs.
    const made = await service.request('POST', '/organizations', token, { name: 'Doomed' })
    assert.equal(made.status, 201)
    const { id } = made.body as { id: string }
    await page.goto(inOrganization('settings', id))
    await page.getByRole('button', { name: 'Delete organization' }).click()
    const deletion = page.getByRole('alertdialog', { name: 'Delete Doomed?' })
    await deletion.getByText('0 active API keys stop working').waitFor()
    await screenshot(page, 'organization-delete-1280-light')
    assert.deepEqual(await axeViolations(page), [])
    const action = deletion.getByRole('button', { name: 'Delete organization' })
    await page.keyboard.type('doomed')
    assert.ok(await action.isDisabled())
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Doomed')
    await action.click()
    await page.getByText('The organization is deleted.').first().waitFor()
    await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
    const { body: left } = await service.request('GET', '/organizations', token)
    assert.ok(!(left as { id: string }[]).some((one) => one.id === id))
    assert.deepEqual(problems, [])
  })

  it('sums up the requests with each key', async (t) => {
    for (let times = 0; times < 3; times += 1) await service.request('GET', '/sandbox', apiKey)
    const { page } = await visit(t, browser)
    await open(page, 'settings?tab=usage')
    const row = page.getByRole('row').filter({ hasText: 'first-run' })
    await row.waitFor()
    await page.getByText(/^\d+ requests allowed, \d+ denied$/).waitFor()
    // Both at one instant: the page reads them again from time to time.
    const { sums, ...counted } = await page.getByRole('table').evaluate((table) => {
      const all = [...document.querySelectorAll('body *')].filter((one) => one.children.length === 0)
      const sums = all
        .map((one) => one.textContent ?? '')
        .find((text) => /^\d+ requests allowed, \d+ denied$/.test(text))
      const [head, ...rows] = [...table.querySelectorAll('tr')].map((row) =>
        [...row.children].map((cell) => cell.textContent ?? ''),
      )
      const sumOf = (name: string): number => {
        const column = head?.indexOf(name) ?? -1
        return rows.reduce((sum, cells) => sum + Number(cells[column]), 0)
      }
      return { sums, allowed: sumOf('Allowed'), denied: sumOf('Denied') }
    })
    assert.ok(counted.allowed > 0)
    assert.equal(sums, `${counted.allowed} requests allowed, ${counted.denied} denied`)
    await page.getByRole('combobox', { name: 'Time' }).click()
    await page.getByRole('option', { name: 'Last 24 hours' }).click()
    await page.waitForURL(/span=24h/)
    await page.getByRole('button', { name: 'Denied' }).click()
    await page.waitForURL(/sort=denied/)
    await row.getByRole('link', { name: 'first-run' }).click()
    await page.waitForURL(/\/keys\/key_.*tab=usage/)
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`have no accessibility violation and no sideways scrolling, ${scheme}`, async (t) => {
      const { id = '' } = (await listRoles())[0] ?? {}
      const long = {
        name: `${scheme} ${'שלום'.repeat(30)}`,
        description: 'x'.repeat(300),
        permissions: ['read:volumes'],
      }
      const { body } = await service.request('POST', `${api}/roles`, apiKey, long)
      const own = (body as { id: string }).id
      const { page, problems } = await visit(t, browser, { scheme })
      await open(page, 'roles')
      await checkLayout(page, scheme, {
        roles: { url: inOrganization('roles'), shown: (one) => one.getByText('Built in') },
        'role-new': {
          url: inOrganization('roles/new'),
          shown: (one) => one.getByText('You do not have').or(one.getByText('Full administration')),
        },
        'role-built-in': { url: inOrganization(`roles/${id}`), shown: (one) => one.getByText('cannot be changed') },
        role: { url: inOrganization(`roles/${own}`), shown: (one) => one.getByText('Assign it on the page') },
        'role-delete': {
          url: inOrganization(`roles/${own}?open=delete`),
          shown: (one) => one.getByText('No member has this role.'),
        },
        'role-unknown': { url: inOrganization('roles/none'), shown: (one) => one.getByText('There is no such role') },
        organization: { url: inOrganization('settings'), shown: (one) => one.getByRole('button', { name: 'Rename' }) },
        'organization-usage': {
          url: inOrganization('settings?tab=usage'),
          shown: (one) => one.getByRole('link', { name: 'first-run' }),
        },
        'organization-delete': {
          url: inOrganization('settings?open=delete'),
          shown: (one) => one.getByText('active API key'),
        },
      })
      assert.deepEqual(problems, [])
    })
  }
})
