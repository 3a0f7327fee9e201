import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { axeViolations, overflowing, screenshot } from './browser.ts'

/** A page, and what is visible when it is complete. */
export interface ShownPage {
  readonly url: string
  readonly shown: (page: Page) => Locator
}

/** Opens each page at 1280 and 390 pixels: no accessibility violation, and no sideways scrolling. */
export async function checkLayout(
  page: Page,
  scheme: 'light' | 'dark',
  pages: Readonly<Record<string, ShownPage>>,
): Promise<void> {
  for (const [name, { url, shown }] of Object.entries(pages)) {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto(url)
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await shown(page).first().waitFor()
      assert.deepEqual(await axeViolations(page), [], `${name} at ${width}, ${scheme}`)
      assert.deepEqual(await overflowing(page), [], `${name} at ${width}, ${scheme}`)
      assert.deepEqual(await cutOff(page), [], `${name} at ${width}, ${scheme}`)
      await screenshot(page, `${name}-${width}-${scheme}`)
    }
  }
}

/**
 * Returns the cells and values whose content is wider than they are, so that it covers or is cut off by its neighbours, and
 * the tables whose last columns have to be scrolled to. The target of a checkbox is wider than its cell, for fingers.
 */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('td:not(.select-cell), dd, .table-frame')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.outerHTML.slice(0, 200)),
  )
