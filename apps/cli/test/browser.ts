import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** Signs in, if the page requires it, and gives consent. */
export async function signIn(page: Page, url: string, person: { email: string; password: string }): Promise<void> {
  await page.goto(url)
  if (await page.locator('[name=password]').count()) {
    await page.fill('[name=email]', person.email)
    await page.fill('[name=password]', person.password)
    await page.press('[name=password]', 'Enter')
  }
  const allow = page.locator('[name=decision][value=allow]')
  await allow.waitFor()
  assert.ok((await page.textContent('body'))?.includes('Daytona CLI'))
  await allow.click()
}
