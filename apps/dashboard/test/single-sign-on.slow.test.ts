import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { dnsServer } from '../../api/test/dns-server.ts'
import { upstreamServer } from '../../api/test/upstream-server.ts'
import { axeViolations, overflowing, screenshot, signIn, visit } from './browser.ts'
import { setRole, visitAsMember } from './people.ts'
import { startService } from './service.ts'

const SECRET = 'the secret of our client there'

describe('single sign-on in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const dns = await dnsServer({ after })
  const upstream = await upstreamServer({ after }, SECRET)
  const service = await startService({ after }, { DNS_SERVERS: dns.address, OUTBOUND_NETWORKS: '127.0.0.0/8' })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const url = `${origin}/dashboard/o/${organizationId}/settings?tab=sign-on`
  const read = async (path: string) =>
    (await service.request('GET', `/organizations/${organizationId}/${path}`, apiKey)).body

  it('sets up domains, the provider, and what it gives, and removes them', async (t) => {
    const { page, problems, requested } = await visit(t, browser)
    await page.goto(url)
    await signIn(page, service)
    const domain = page.getByRole('region', { name: 'E-mail domains' })
    await domain.getByRole('textbox', { name: 'Domain' }).fill('acme.example')
    await domain.getByRole('button', { name: 'Add domain' }).click()
    await domain.getByText('_daytona-verification.acme.example').waitFor()
    await domain.getByRole('button', { name: 'Copy the value for acme.example' }).click()
    const value = await page.evaluate(() => navigator.clipboard.readText())
    assert.match(value, /^daytona-verification=/)
    await domain.getByRole('button', { name: 'Verify acme.example' }).click()
    await domain.getByText(/No TXT record of _daytona-verification\.acme\.example has the value yet/).waitFor()
    dns.records.set('_daytona-verification.acme.example', [value])
    await domain.getByRole('button', { name: 'Verify acme.example' }).click()
    await domain.getByText('Verified', { exact: true }).waitFor()

    const provider = page.getByRole('region', { name: 'Identity provider' })
    await provider.getByText(`${origin}/oauth/upstream/${organizationId}/callback`).waitFor()
    await provider.getByRole('textbox', { name: 'Name' }).fill('Acme')
    await provider.getByRole('textbox', { name: 'Issuer' }).fill(upstream.issuer)
    await provider.getByRole('textbox', { name: 'Client ID' }).fill('daytona')
    await provider.getByRole('button', { name: 'Test and save' }).click()
    await provider.getByText('Enter the secret of this client.').waitFor()
    await provider.getByLabel('Client secret').fill('another')
    await provider.getByRole('button', { name: 'Test and save' }).click()
    await provider.getByText(/clientSecret: is not accepted by the provider/).waitFor()
    await provider.getByLabel('Client secret').fill(SECRET)
    await provider.getByRole('button', { name: 'Test and save' }).click()
    await page.getByText('The provider answers, and is saved.').waitFor()
    assert.equal(await provider.getByLabel('Client secret').inputValue(), '')
    assert.ok(!(await page.content()).includes(SECRET))
    await provider.getByRole('button', { name: 'Test again' }).click()
    await page.getByText('The provider answers, and accepts the client and its secret.').waitFor()

    const rule = page.getByRole('region', { name: 'Sign-in rule' })
    const dialog = page.getByRole('alertdialog')
    await rule.getByRole('button', { name: 'Require it' }).click()
    await dialog.getByText('API keys continue to work').waitFor()
    await screenshot(page, 'single-sign-on-require-1280-light')
    await dialog.getByRole('button', { name: 'Require it' }).click()
    await page.getByText('The identity provider is required now.').waitFor()
    assert.equal(((await read('identity-provider')) as { signIn: string }).signIn, 'required')
    await rule.getByRole('button', { name: 'No longer require it' }).click()
    await page.getByText('The identity provider is no longer required.').waitFor()
    assert.equal(((await read('identity-provider')) as { signIn: string }).signIn, 'optional')

    const given = page.getByRole('region', { name: 'Members and roles' })
    await given.getByRole('combobox', { name: 'New people' }).click()
    await page.getByRole('option', { name: 'Become members' }).click()
    await given.getByRole('combobox', { name: 'Roles of new members' }).click()
    assert.equal(await page.getByRole('option', { name: 'Super Admin' }).count(), 0)
    await page.getByRole('option', { name: 'Viewer' }).click()
    await page.keyboard.press('Escape')
    await given.getByRole('textbox', { name: 'Groups claim' }).fill('groups')
    await given.getByRole('button', { name: 'Add group' }).click()
    await given.getByRole('textbox', { name: 'Group 1' }).fill('Engineering')
    await given.getByRole('button', { name: 'Save members and roles' }).click()
    await given.getByText('Choose a role for this group.').waitFor()
    await given.getByRole('combobox', { name: 'Roles of group 1' }).click()
    await page.getByRole('option', { name: 'Developer' }).click()
    await page.keyboard.press('Escape')
    await given.getByRole('button', { name: 'Save members and roles' }).click()
    await page.getByText('Members and roles are saved.').waitFor()
    const roles = (await read('roles')) as { id: string; name: string }[]
    const idOf = (name: string) => roles.find((role) => role.name === name)?.id
    assert.deepEqual(await read('identity-provider/provisioning'), {
      newMemberRoleIds: [idOf('Viewer')],
      groupsClaim: 'groups',
      groupRoles: [{ group: 'Engineering', roleIds: [idOf('Developer')] }],
    })

    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 900 })
        assert.deepEqual(await axeViolations(page), [], `${width}, ${scheme}`)
        assert.deepEqual(await overflowing(page), [], `${width}, ${scheme}`)
        await screenshot(page, `single-sign-on-${width}-${scheme}`)
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 })

    await provider.getByRole('button', { name: 'Delete identity provider' }).click()
    await dialog.getByText('no member has roles by its groups').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'single-sign-on-delete-1280-dark')
    await dialog.getByRole('textbox').fill('Acme')
    await dialog.getByRole('button', { name: 'Delete identity provider' }).click()
    await page.getByText('The identity provider is deleted.').waitFor()
    assert.equal(await page.getByRole('region', { name: 'Members and roles' }).count(), 0)
    await domain.getByRole('button', { name: 'Delete acme.example' }).click()
    await dialog.getByText(/No member has an address in it/).waitFor()
    await dialog.getByRole('button', { name: 'Delete domain' }).click()
    await page.getByText('The domain is deleted.').waitFor()
    assert.deepEqual(await read('domains'), [])
    assert.deepEqual(problems, [])
    assert.ok(!requested.some((one) => one.includes(encodeURIComponent(SECRET))), 'no secret in a URL')
    assert.ok(!service.log().includes(SECRET))
  })

  it('is read-only for administrators, and hidden from members', async (t) => {
    const email = 'eve@example.com'
    const { page, problems } = await visitAsMember(t, browser, service, { name: 'Eve', email })
    await page.goto(url)
    await page.getByText('to see how its people sign in').waitFor()
    await setRole(service, email, ['admin:organization'])
    await page.goto(url)
    await page.getByText('Only an owner can change how people sign in.').waitFor()
    await page.getByText('There is none.').waitFor()
    for (const name of [/^Add domain/, /^Test/, /^Delete/, /^Save/]) {
      assert.equal(await page.getByRole('button', { name }).count(), 0)
    }
    assert.deepEqual(await axeViolations(page), [])
    assert.deepEqual(problems, [])
  })
})
