import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

interface Person {
  readonly email: string
  readonly password: string
}

/** Signs in on the page that requires it. */
export async function fillSignIn(page: Page, { email, password }: Person): Promise<void> {
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', password)
  await page.press('[name=password]', 'Enter')
}

/** Signs in, if the page requires it, and gives consent. */
export async function signIn(page: Page, url: string, person: Person): Promise<void> {
  await page.goto(url)
  if (await page.locator('[name=password]').count()) await fillSignIn(page, person)
  const allow = page.locator('[name=decision][value=allow]')
  await allow.waitFor()
  assert.ok((await page.textContent('body'))?.includes('Daytona CLI'))
  await allow.click()
}
