import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { AUDIT_ACTIONS } from '@daytona-auth/db/audit'
import { chromium } from 'playwright-core'
import { errorBody, world } from '../../../test/world.ts'

const { request, api } = await world({ after }, { SANDBOX_CREATIONS_PER_MINUTE: '1234', INVITATIONS_PER_HOUR: '56' })
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

describe('/docs', () => {
  it('serves only the files that its pages load', async () => {
    for (const path of ['/docs/assets/', '/docs/assets/package.json', '/docs/assets/..%2froutes.ts', '/docs/x']) {
      const answer = await request('GET', path)
      assert.equal(answer.status, 404, path)
      assert.partialDeepStrictEqual(answer.body, { statusCode: 404, message: 'Not Found' })
    }
    const posted = await request('POST', '/docs', null, { body: {} })
    assert.deepEqual(posted.body, errorBody(405, 'Method Not Allowed', 'Method is not allowed here'))
  })

  it('serves pages with a policy that forbids other origins, under `/api` too', async () => {
    const policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    for (const path of ['/docs', '/docs/errors', '/docs/rate-limits', '/docs/audit-events', '/api/docs']) {
      const { status, headers, text } = await request('GET', path)
      assert.deepEqual(
        [status, headers.get('content-type'), headers.get('content-security-policy')],
        [200, 'text/html; charset=utf-8', policy],
      )
      assert.doesNotMatch(text, /https?:\/\//)
      assert.doesNotMatch(text, /<script>|style="|\son\w+="/)
    }
    const limits = (await request('GET', '/docs/rate-limits')).text
    assert.match(limits, /1,234 a minute[\s\S]*56 an hour/)
    assert.match(
      limits,
      /Organizations<\/td><td>100<[\s\S]*API key<\/td><td>50<[\s\S]*keys<\/td><td>1,000<[\s\S]*>3<[\s\S]*>200</,
    )
  })

  it('lists every audit action with the type of its target', async () => {
    const { text } = await request('GET', '/docs/audit-events')
    for (const [action, { targetType }] of Object.entries(AUDIT_ACTIONS)) {
      const row = text.split('\n').find((line) => line.startsWith(`<tr><td><code>${action}</code></td>`))
      assert.ok(row?.includes(`<td><code>${targetType}</code></td>`), action)
    }
  })

  it('loads in Chromium without a violation, an error or a request to another origin', {
    skip: CHROMIUM === undefined && 'no Chromium is installed',
  }, async (t) => {
    const browser = await chromium.launch({
      ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    })
    t.after(() => browser.close())
    const page = await browser.newPage()
    page.setDefaultTimeout(60_000) // the reference needs a second of CPU, which takes longer on a loaded machine
    const messages: string[] = []
    const asked = new Set<string>()
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(String(error)))
    page.on('request', (sent) => asked.add(sent.url()))
    await page.goto(`${api.url}/docs`)
    await page.getByText('Create an API key').first().waitFor()
    await page.locator('#operations-API_keys-createApiKey button').first().click()
    await page.locator('#operations-API_keys-createApiKey .opblock-body').waitFor()
    for (const name of ['Errors', 'Rate limits']) {
      await page.getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { name, exact: true }).waitFor()
    }
    assert.deepEqual(messages, [])
    const elsewhere = [...asked].filter((url) => !url.startsWith(`${api.url}/`) && !url.startsWith('data:'))
    assert.deepEqual(elsewhere, [])
  })
})
