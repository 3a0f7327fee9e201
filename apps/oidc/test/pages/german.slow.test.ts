import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { assertAccessible } from '../browser/accessible.ts'
import { servePages } from './page-server.ts'

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" rx="4" fill="#d9480f"/></svg>'

describe('every page in German, with the name, logo and color of an installation', {
  skip: withoutBrowser,
}, async () => {
  if (withoutBrowser) return
  const logo = { type: 'image/svg+xml', base64: Buffer.from(LOGO).toString('base64') } as const
  const server = await servePages({ after }, { BRAND_NAME: 'Acme Söhne', BRAND_COLOR: '#d9480f', BRAND_LOGO: logo })
  const chromium = await launchBrowser({ after })

  // Contrast depends on the scheme only, and overflow on the width.
  for (const [colorScheme, width] of [
    ['dark', 1280],
    ['light', 360],
  ] as const) {
    it(`meets WCAG 2.2 AA, ${colorScheme}, at ${width} px`, async (t) => {
      // The rules are a script, which the pages' Content-Security-Policy blocks.
      const context = await chromium.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 844 } })
      t.after(() => context.close())
      const page = await context.newPage()
      for (const path of server.paths) {
        await page.goto(`${server.origin}${path}`)
        await assertAccessible(page, path)
      }
    })
  }
})
