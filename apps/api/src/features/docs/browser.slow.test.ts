import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import axe from 'axe-core'
import { world } from '../../../test/world.ts'
import { TAG_DESCRIPTIONS } from '../../http/openapi-descriptions.ts'
import { CATALOGUES, GUIDES, referencePage } from './site.ts'

type Browser = Awaited<ReturnType<typeof launchBrowser>>
type Page = Awaited<ReturnType<Browser['newPage']>>

const { api } = await world({ after })
const browser = withoutBrowser === false ? await launchBrowser({ after }) : undefined
const PAGES = [
  ...Object.values(GUIDES),
  ...Object.values(CATALOGUES),
  ...Object.keys(TAG_DESCRIPTIONS).map(referencePage),
]

/** The most that a page may load, compressed. */
const MAX_BYTES = 400 * 1024

describe('the documentation in Chromium', { skip: withoutBrowser }, () => {
  /** Opens a page in a browser of its own, and keeps what it loads and reports. */
  async function open(path: string, width: number, colorScheme: 'light' | 'dark') {
    assert.ok(browser)
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    const messages: string[] = []
    const sizes: Promise<number>[] = []
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(String(error)))
    page.on('request', (request) => {
      if (!/^data:/.test(request.url()) && !request.url().startsWith(api.url)) messages.push(request.url())
    })
    page.on('requestfinished', (request) => {
      if (!/^data:/.test(request.url())) sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
    })
    await page.goto(`${api.url}${path}`, { waitUntil: 'networkidle' })
    return {
      context,
      page,
      messages,
      loaded: async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
    }
  }

  for (const { path, title } of PAGES) {
    it(`shows ${path} at 1280 and 390 px, light and dark, within 400 kB`, async () => {
      for (const [width, scheme] of [
        [1280, 'light'],
        [390, 'dark'],
      ] as const) {
        const { context, page, messages, loaded } = await open(path, width, scheme)
        await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
        assert.deepEqual(await axeViolations(page), [], `${width}, ${scheme}`)
        assert.deepEqual(await overflowing(page), [], `${width}, ${scheme}`)
        assert.deepEqual(messages, [])
        const bytes = await loaded()
        assert.ok(bytes > 1000 && bytes <= MAX_BYTES, `${bytes} bytes`)
        await screenshot(page, `${title}-${width}-${scheme}`)
        await context.close()
      }
    })
  }

  it('copies a sample in the language that was chosen last, on other pages too', async () => {
    const { context, page } = await open('/docs/reference/api-keys', 1280, 'light')
    const operation = page.getByRole('region', { name: 'Create an API key' })
    await operation.getByRole('radio', { name: 'Python' }).check()
    await operation.getByRole('button', { name: 'Copy' }).first().click()
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    assert.match(copied, /^import requests\n\nresponse = requests\.post\(/)
    await page.goto(`${api.url}/docs/reference/volumes`)
    assert.equal(await page.getByRole('radio', { name: 'Python' }).first().isChecked(), true)
    assert.equal(await page.getByText('import requests').first().isVisible(), true)
    await context.close()
  })

  it('leads from the menu to every page', async () => {
    const { context, page } = await open('/docs', 390, 'light')
    await page.getByRole('link', { name: 'Menu', exact: true }).click()
    await page.getByRole('navigation', { name: 'Documentation' }).getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor()
    await context.close()
  })
})

/** Runs axe through the debugger, since the policy of the page refuses its script. */
async function axeViolations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run()',
    awaitPromise: true,
    returnByValue: true,
  })
  const { violations } = result.value as axe.AxeResults // what axe.run resolves with
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

/** Returns what makes the page scroll sideways. */
const overflowing = (page: Page): Promise<string[]> =>
  // A text, since the types of this package are Node's.
  page.evaluate<string[]>(`(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    const wide = [...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > width)
    return ['scrolls at ' + width + ' px', ...wide.map((one) => one.outerHTML.slice(0, 160))]
  })()`)

/** Keeps a screenshot if SCREENSHOTS names a folder. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
