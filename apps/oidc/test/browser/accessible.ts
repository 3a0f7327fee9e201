import assert from 'node:assert/strict'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Checks with axe-core, and that no control is smaller than 44 px or wider than the screen. */
export async function assertAccessible(page: Page, name: string): Promise<void> {
  await page.addScriptTag({ content: axe.source })
  const violations = await page.evaluate(async () => {
    const found = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
  })
  const targets = await page.locator('button, .button, .field input, .field select, .choice').all()
  // A control that is not rendered, as the button of the Enter key, has no box.
  const heights = await Promise.all(targets.map(async (target) => (await target.boundingBox())?.height ?? Infinity))
  const overflows = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')
  assert.deepEqual(
    { violations, small: heights.filter((height) => height < 44), overflows },
    { violations: [], small: [], overflows: false },
    name,
  )
}
