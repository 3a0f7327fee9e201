import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, screenshot, signIn, visit } from './browser.ts'
import { startService } from './service.ts'

/** Pages, and the text that is there when each is complete. */
const PAGES = {
  keys: 'first-run',
  'keys/new': 'Create key',
  members: '(you)',
  roles: 'Built in',
  settings: 'Rename',
  'settings?tab=usage': 'first-run',
  'settings?tab=sign-on': 'Redirect URI',
  'settings?tab=app-access': 'No decision yet',
  apps: 'No OAuth app yet',
  'apps/new': 'Create app',
  apis: 'No API yet',
  'apis/new': 'Register API',
  audit: 'first-run',
} as const

/** The side of a square that a finger hits (WCAG 2.5.5). */
const TARGET = 44

/** Columns become as wide as their content. 0.1 is what the metric calls good. */
const MAX_SHIFT = 0.03

declare global {
  interface Window {
    shifts?: { readonly value: number; readonly nodes: readonly string[] }[]
  }
}

describe('the quality of the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const { origin, organizationId } = service
  const inOrganization = (path: string): string => `${origin}/dashboard/o/${organizationId}/${path}`

  const openKeys = async (page: Page): Promise<void> => {
    await page.goto(inOrganization('keys'))
    await signIn(page, service)
    await page.getByRole('link', { name: 'first-run' }).waitFor()
  }

  it('moves next to nothing while a page is loaded', async (t) => {
    const { page, context } = await visit(t, browser)
    await context.addInitScript(() => {
      window.shifts = []
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          // The standard's interface of layout shifts is not among TypeScript's.
          const { value, sources } = entry as unknown as { value: number; sources: { node: Node | null }[] }
          const nodes = sources.map(({ node }) =>
            node instanceof Element ? node.outerHTML.slice(0, 120) : String(node),
          )
          window.shifts?.push({ value, nodes })
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await openKeys(page)
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      for (const [path, shown] of Object.entries(PAGES)) {
        await page.goto(inOrganization(path))
        await page.locator('main').getByText(shown).first().waitFor()
        await page.locator('.skeleton').first().waitFor({ state: 'detached' })
        const shifts = (await page.evaluate(() => window.shifts)) ?? []
        const sum = shifts.reduce((total, { value }) => total + value, 0)
        assert.ok(sum < MAX_SHIFT, `${path} at ${width}: ${sum} ${JSON.stringify(shifts)}`)
      }
    }
  })

  it('has targets that a finger hits', async (t) => {
    const { page } = await visit(t, browser, { width: 390, isTouch: true })
    await openKeys(page)
    for (const [path, shown] of Object.entries(PAGES)) {
      await page.goto(inOrganization(path))
      await page.locator('main').getByText(shown).first().waitFor()
      assert.deepEqual(await smallTargets(page), [], path)
    }
  })

  it('shows with forced colours where one is and what is chosen', async (t) => {
    const { page } = await visit(t, browser)
    await page.emulateMedia({ forcedColors: 'active' })
    await openKeys(page)
    const styleOf = (selector: string, property: string): Promise<string> =>
      page
        .locator(selector)
        .first()
        .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property)
    assert.equal(await styleOf('.nav-link.active', 'outline-style'), 'solid')
    assert.equal(await styleOf('.nav-link:not(.active)', 'outline-style'), 'none')
    await page.getByRole('checkbox', { name: 'Select first-run' }).click()
    await page.getByText('1 selected').waitFor()
    assert.notEqual(
      await styleOf('.checkbox[data-checked]', 'background-color'),
      await styleOf('.card', 'background-color'),
    )
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'keys-forced-colours-1280')
    await page.getByRole('link', { name: 'first-run' }).click()
    await page.getByRole('link', { name: 'Overview' }).waitFor()
    assert.notEqual(
      await styleOf('.tab[aria-current="page"]', 'border-bottom-color'),
      await styleOf('.tab:not([aria-current])', 'border-bottom-color'),
    )
    assert.equal(
      await styleOf('.tab:not([aria-current])', 'border-bottom-color'),
      await styleOf('body', 'background-color'),
    )
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'key-forced-colours-1280')
  })
})

/** Returns the controls that a finger misses a little beside their middle. A link in a sentence is as high as its line. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate((side) => {
    const controls = document.querySelectorAll<HTMLElement>(
      'a[href], button, input:not([type="hidden"], [aria-hidden]), textarea, summary, [role="checkbox"], [role="radio"]',
    )
    return [...controls].flatMap((control) => {
      // The label of a choice is part of it, and so is the frame of a field.
      const target = control.closest<HTMLElement>('label, .multi') ?? control
      const isInText = control.closest('p, dd, .hint, .audit-sentence') !== null
      target.scrollIntoView({ block: 'center' })
      const { width, height, left, top } = target.getBoundingClientRect()
      const isLarge = width >= side - 0.5 && height >= side - 0.5
      const isHidden = width <= 1 || height <= 1 || control.closest('thead')?.clientHeight === 1
      if (isInText || isLarge || isHidden) return []
      const reach = side / 2 - 1
      const hits = [-reach, reach].map((offset) =>
        document.elementFromPoint(left + Math.min(width / 2, 40), top + height / 2 + offset),
      )
      if (hits.every((hit) => hit !== null && target.contains(hit))) return []
      return [`${Math.round(width)} × ${Math.round(height)}: ${target.outerHTML.slice(0, 140)}`]
    })
  }, TARGET)
