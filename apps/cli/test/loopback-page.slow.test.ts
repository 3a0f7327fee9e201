import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import axe from 'axe-core'
import { listenOnLoopback } from '../src/login/loopback.ts'
import type { ResultPage } from '../src/login/result-page.ts'

declare const window: { axe: typeof axe }

describe('the page in the browser after a login', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const browser = await launchBrowser({ after })

  for (const result of ['done', 'refused', 'failed', 'stray'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`${result}, in ${colorScheme} colours, has no violation of axe and fits 390 px`, async () => {
        const page = await browser.newPage({ colorScheme, viewport: { width: 390, height: 844 }, bypassCSP: true })
        await show(result, (url) => page.goto(url))
        await page.getByRole('heading', { level: 1 }).waitFor()
        assert.equal(new URL(page.url()).pathname, '/', 'the code is not in the address bar')
        await page.addScriptTag({ content: axe.source })
        const violations = await page.evaluate(async () => {
          const found = await window.axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
          })
          return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
        })
        assert.deepEqual(violations, [])
        assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
        const folder = process.env['SCREENSHOTS']
        if (folder) await page.screenshot({ path: `${folder}/loopback-${result}-${colorScheme}.png` })
        await page.close()
      })
    }
  }

  it('is styled under its content security policy', async () => {
    const page = await browser.newPage()
    const errors: string[] = []
    // The page tries to close itself, which only a page that a script opened may do.
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) errors.push(message.text())
    })
    await show('done', (url) => page.goto(url))
    const width = await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")
    assert.deepEqual([width, errors], ['424px', []])
    await page.close()
  })
})

/** Runs a loopback server whose answer is `result`, and opens it. */
async function show(result: ResultPage, open: (url: string) => Promise<unknown>): Promise<void> {
  const loopback = await listenOnLoopback('state')
  try {
    if (result === 'stray') return void (await open(`${loopback.redirectUri}?code=x&state=other`))
    const opened = open(`${loopback.redirectUri}?code=x&state=state`)
    const { respond } = await loopback.answer
    respond(result)
    await opened
  } finally {
    loopback.close()
  }
}
