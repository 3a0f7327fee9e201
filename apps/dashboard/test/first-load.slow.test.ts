import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page, Request, Route } from 'playwright-core'
import { signIn, visit } from './browser.ts'
import { startService } from './service.ts'

/** What the list of keys reads. */
const READS = [
  /^\/organizations$/,
  /^\/organizations\/org_\w+\/users$/,
  /^\/organizations\/org_\w+\/api-keys\/summary$/,
  /^\/api-keys$/,
]

const pathOf = (request: Request): string => new URL(request.url()).pathname
const isAsset = (request: Request): boolean => pathOf(request).startsWith('/dashboard/assets/')

describe('the first load of the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const service = await startService({ after })
  const browser = await launchBrowser({ after })
  const keys = `${service.origin}/dashboard/o/${service.organizationId}/keys`

  // The steps of the first use are over.
  await waitFor(async () => {
    const { body } = await service.request('GET', '/api-keys/current', service.apiKey)
    return (body as { lastUsedAt: string | null }).lastUsedAt !== null
  })

  /** Signs in, so that the next load needs no page of the provider, and empties the cache. */
  const signedIn = async (scope: Parameters<typeof visit>[0]): Promise<Page> => {
    const { page, context } = await visit(scope, browser)
    await page.goto(keys)
    await signIn(page, service)
    await page.getByRole('link', { name: 'first-run' }).waitFor()
    await page.waitForFunction(() => Object.values({ ...localStorage }).includes('over'))
    const session = await context.newCDPSession(page)
    await session.send('Network.clearBrowserCache')
    await session.detach()
    return page
  }
  const reload = async (page: Page): Promise<void> => {
    await page.reload({ waitUntil: 'commit' })
    await page.getByRole('link', { name: 'first-run' }).waitFor()
  }

  it('takes one request after another only for the document and the sign-in, and loads nothing twice', async (t) => {
    const page = await signedIn(t)
    const requests: Request[] = []
    page.on('request', (request) => requests.push(request))
    await reload(page)
    const beforeReads = requests.slice(
      0,
      requests.findIndex((one) => READS.some((read) => read.test(pathOf(one)))),
    )
    assert.deepEqual(beforeReads.filter((one) => !isAsset(one)).map(pathOf), [
      new URL(keys).pathname,
      '/oauth/authorize',
      '/dashboard/callback',
      '/oauth/token',
    ])
    const ofPage = requests.filter((one) => isAsset(one) && one.frame() === page.mainFrame()).map(pathOf)
    assert.equal(new Set(ofPage).size, ofPage.length)
  })

  it('names in its document everything that is loaded until the list is shown', async (t) => {
    const page = await signedIn(t)
    const requested: string[] = []
    page.on('request', (one) => isAsset(one) && one.frame() === page.mainFrame() && requested.push(pathOf(one)))
    const document = page.waitForResponse(keys)
    await reload(page)
    const html = await (await document).text()
    assert.ok(requested.length > 20)
    assert.deepEqual(
      requested.filter((path) => !html.includes(`"${path}"`)),
      [],
    )
  })

  it('signs in while the app is loaded, in a frame that loads no page', async (t) => {
    const page = await signedIn(t)
    const token = Promise.withResolvers<void>()
    page.on('response', (response) => pathOf(response.request()) === '/oauth/token' && token.resolve())
    // The pages come only once the sign-in has finished: if it waited for them, neither would ever happen.
    await page.route(/\/assets\/(?:app|shared)-[^/]+\.js$/, async (route) => {
      await token.promise
      await route.continue()
    })
    const ofFrame = new Set<string>()
    page.on('request', (one) => isAsset(one) && one.frame() !== page.mainFrame() && ofFrame.add(pathOf(one)))
    await reload(page)
    // What it has in common with the page is in the memory of the browser.
    assert.ok(ofFrame.size <= 6, [...ofFrame].join(' '))
  })

  it('reads all that the list shows side by side', async (t) => {
    const page = await signedIn(t)
    const waiting = new Map<string, Route>()
    // No read is answered before all of them were sent.
    await page.route(
      ({ pathname }) => READS.some((read) => read.test(pathname)),
      async (route) => {
        waiting.set(pathOf(route.request()), route)
        if (waiting.size === READS.length) await Promise.all([...waiting.values()].map((one) => one.continue()))
      },
      { times: READS.length },
    )
    await reload(page)
    assert.equal(waiting.size, READS.length)
  })
})
