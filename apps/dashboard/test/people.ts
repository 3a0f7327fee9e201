import assert from 'node:assert/strict'
import type { Scope } from '@daytona-auth/testing'
import type { Browser, Page } from 'playwright-core'
import { type Visit, type VisitOptions, visit } from './browser.ts'
import type { Service } from './service.ts'

export const PASSWORD = 'correct horse battery staple'

/** Creates an account on the provider's page. */
export async function signUp(
  page: Page,
  { name, email }: { readonly name: string; readonly email: string },
): Promise<void> {
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
}

/** Confirms an address on the page of a mailed link. */
export async function confirmAddress(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('heading', { name: 'Address confirmed' }).waitFor()
}

/** Creates a person who is a member of the first organization, without a role, and opens the dashboard as that person. */
export async function visitAsMember(
  scope: Scope,
  browser: Browser,
  service: Service,
  { name, email, ...options }: { readonly name: string; readonly email: string } & VisitOptions,
): Promise<Visit> {
  const visited = await visit(scope, browser, options)
  const { page } = visited
  const { origin, organizationId } = service
  await page.goto(`${origin}/dashboard`)
  await signUp(page, { name, email })
  await page.getByRole('heading', { name: 'API keys', exact: true }).waitFor()
  const path = `/organizations/${organizationId}/invitations`
  const invitation = { email, role: 'member', assignedRoleIds: [] }
  const { status } = await service.request('POST', path, service.apiKey, invitation)
  assert.equal(status, 201)
  await confirmAddress(page, await service.linkTo(email))
  await page.goto(`${origin}/dashboard`)
  await page.getByRole('button', { name: /^Accept the invitation/ }).click()
  await page.waitForURL(`${origin}/dashboard/o/${organizationId}/keys`)
  return visited
}

/** Gives a member of the first organization the built-in role with these permissions, or no role. */
export async function setRole(service: Service, email: string, permissions: readonly string[]): Promise<void> {
  const path = `/organizations/${service.organizationId}`
  const read = async <Item>(list: string) =>
    (await service.request('GET', `${path}/${list}`, service.apiKey)).body as readonly Item[] // of the two lists below
  const user = (await read<{ userId: string; email: string }>('users')).find((one) => one.email === email)
  const role = (await read<{ id: string; permissions: string[] }>('roles')).find((one) =>
    permissions.every((permission) => one.permissions.includes(permission)),
  )
  assert.ok(user && role)
  const access = { role: 'member', assignedRoleIds: permissions.length > 0 ? [role.id] : [] }
  const { status, body } = await service.request('POST', `${path}/users/${user.userId}/access`, service.apiKey, access)
  assert.ok(status < 300, JSON.stringify(body))
}
