import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scope } from '@daytona-auth/testing'
import axe, { type AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Service } from './service.ts'

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** What the console and the page reported: violations of the policy, errors, warnings. */
  readonly problems: string[]
  /** The addresses that were requested, of frames and windows too. */
  readonly requested: string[]
}

export interface VisitOptions {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  /** On a screen that is touched. */
  readonly isTouch?: boolean
  /** As another browser states itself. */
  readonly userAgent?: string
}

/** Opens a browser of its own. Nothing is shared with other visits. */
export async function visit(
  scope: Scope,
  browser: Browser,
  { scheme = 'light', width = 1280, isTouch = false, userAgent }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    hasTouch: isTouch,
    isMobile: isTouch,
    ...(userAgent !== undefined && { userAgent }),
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  scope.after(() => context.close())
  // The machine may be loaded.
  context.setDefaultTimeout(60_000)
  const problems: string[] = []
  const requested: string[] = []
  context.on('console', (message) => {
    // A denial of the API is no problem of the page.
    if (!/^Failed to load resource/.test(message.text())) problems.push(message.text())
  })
  context.on('weberror', (error) => problems.push(String(error.error())))
  context.on('request', (request) => requested.push(request.url()))
  return { context, page: await context.newPage(), problems, requested }
}

/** Signs in on the provider's page, by keyboard only. */
export async function signIn(page: Page, { user }: Pick<Service, 'user'>): Promise<void> {
  // The heading is visible a moment before the field has the focus: what is typed in between would be lost.
  await page.locator('input[name="email"]:focus').waitFor()
  await page.keyboard.type(user.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(user.password)
  await page.keyboard.press('Enter')
}

/** Returns the kind and the name of the element with the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const one = document.activeElement
    return `${one?.tagName} ${one?.getAttribute('aria-label') ?? one?.textContent ?? ''}`.trim()
  })

/** Moves the focus by Tab to the element with this role and name, as a person without a pointer does. */
export async function tabTo(
  page: Page,
  role: 'link' | 'button' | 'textbox' | 'checkbox' | 'radio',
  name: string | RegExp,
): Promise<void> {
  const target = page.getByRole(role, { name, exact: typeof name === 'string' }).first()
  await target.waitFor()
  for (let steps = 0; steps < 120; steps += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`Tab does not reach the ${role} ${name}`)
}

/**
 * Runs axe. Focus guards are excluded: they are hidden elements that pass the focus on as soon as they get it.
 * The script is evaluated through the debugger, since the policy of the page refuses it otherwise.
 */
export async function axeViolations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run({ exclude: [['[data-base-ui-focus-guard]']] })`,
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  const { violations } = result.value as AxeResults // what axe.run resolves with
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

/** Returns the elements that make the page scroll sideways. */
export const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > width)
    return [`scrolls at ${width} px`, ...wide.map((one) => one.outerHTML.slice(0, 160))]
  })

/** Keeps a screenshot if SCREENSHOTS names a folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
