import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { ensureDashboard } from '@daytona-auth/dashboard/built'
import { errorBody, ISSUER, world } from '../../../test/world.ts'

const dashboard = await ensureDashboard()
const { api: without, anotherApi } = await world({ after })
const api = await anotherApi({}, { dashboard })
const assets = (await readdir(join(dashboard, 'assets'))).filter((name) => !/\.(?:br|gz)$/.test(name))

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
const NOT_FOUND = errorBody(404, 'Not Found', 'Route not found')

/** Sends a request as it is: `fetch` would add codings of its own, and decode them. */
async function get(path: string, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // Not a URL, which would resolve segments of dots.
  const { hostname, port } = new URL(api.url)
  httpRequest({ hostname, port, path, headers }, resolve).on('error', reject).end()
  const response = await promise
  const body = Buffer.concat(await Array.fromAsync(response))
  return { status: response.statusCode, headers: response.headers, body, text: body.toString() }
}

describe('/dashboard', () => {
  it('answers with the document for every page of the app, and nothing inline', async () => {
    for (const path of ['/dashboard', '/dashboard/', '/dashboard/o/org_1/keys?status=all', '/dashboard/nowhere']) {
      const { status, headers, text } = await get(path)
      assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8'], path)
      assert.equal(headers['cache-control'], 'no-cache')
      assert.equal(headers['x-frame-options'], 'DENY')
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      )
      assert.ok(text.includes(`<meta name="daytona-issuer" content="${ISSUER}">`))
      assert.doesNotMatch(text, /<script>|<style|\sstyle="|\son\w+="/)
    }
  })

  it('lets only pages of its own frame the redirect URI', async () => {
    const { headers } = await get('/dashboard/callback?code=x&state=y')
    assert.match(String(headers['content-security-policy']), /; frame-ancestors 'self';/)
    assert.deepEqual([headers['x-frame-options'], headers['referrer-policy']], ['SAMEORIGIN', 'no-referrer'])
    assert.match(String(headers['vary']), /sec-fetch-dest/)
    const longer = await get('/dashboard/callback/x')
    assert.equal(longer.headers['x-frame-options'], 'DENY')
  })

  it('preloads the first page in its documents, except in the frame that renews a token', async () => {
    const preloads = async (path: string, destination: string) => {
      const { text } = await get(path, { 'sec-fetch-dest': destination })
      assert.ok(text.includes(`<meta name="daytona-issuer" content="${ISSUER}">`))
      return text.split('rel="stylesheet"').length - 1
    }
    const callback = '/dashboard/callback?code=x&state=y'
    assert.ok((await preloads('/dashboard', 'document')) > 5)
    // As after a sign-in on the provider's pages.
    assert.ok((await preloads(callback, 'document')) > 5)
    assert.equal(await preloads(callback, 'iframe'), 0)
    assert.ok((await preloads('/dashboard', 'iframe')) > 5)
  })

  it('serves each file forever, in the coding that the client accepts', async () => {
    assert.ok(assets.length > 5)
    for (const name of assets) {
      const content = await readFile(join(dashboard, 'assets', name))
      for (const [accepted, coding, decode] of [
        ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
        ['gzip', 'gzip', gunzipSync],
        ['br;q=0, gzip;q=0', undefined, (body: Buffer) => body],
      ] as const) {
        const { status, headers, body } = await get(`/dashboard/assets/${name}`, { 'accept-encoding': accepted })
        assert.deepEqual([status, headers['content-encoding']], [200, coding], name)
        assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
        assert.equal(headers['x-content-type-options'], 'nosniff')
        assert.match(String(headers['vary']), /accept-encoding/)
        assert.ok(decode(body).equals(content), `${name} in ${coding}`)
      }
    }
  })

  it('serves only files of the build, by their exact names', async () => {
    for (const path of ['x.js', '', `${assets[0]}.br`, '..%2findex.html', '%2e%2e/index.html', `${assets[0]}%00`]) {
      const { status, body } = await get(`/dashboard/assets/${path}`)
      assert.ok(status === 404 || status === 400, `${path}: ${status} ${body}`)
    }
  })
})

describe('the origin', () => {
  it('leads people to the dashboard, and answers programs as before', async () => {
    const browser = await get('/', { accept: BROWSER })
    assert.deepEqual([browser.status, browser.headers.location], [302, '/dashboard'])
    for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.9']) {
      const { status, headers, text } = await get('/', { accept })
      assert.deepEqual([status, JSON.parse(text)], [404, NOT_FOUND], accept)
      assert.match(String(headers['vary']), /accept/i)
    }
  })

  it('answers unknown paths with a page for people, and with JSON for programs', async () => {
    for (const path of ['/nowhere', '/api/nowhere', '/dashboard/assets/x.js']) {
      const page = await get(path, { accept: BROWSER })
      assert.deepEqual([page.status, page.headers['content-type']], [404, 'text/html; charset=utf-8'], path)
      assert.match(page.text, /<a href="\/dashboard">Open the dashboard<\/a>/)
      const { status, text } = await get(path, { accept: '*/*' })
      assert.deepEqual([status, JSON.parse(text)], [404, NOT_FOUND], path)
    }
  })

  it('does not answer with a page for what is not found in the API', async () => {
    const { status, headers } = await get('/api-keys/none', { accept: BROWSER })
    assert.deepEqual([status, headers['content-type']], [401, 'application/json; charset=utf-8'])
  })

  it('serves no dashboard without its files', async () => {
    assert.equal((await fetch(`${without.url}/dashboard`)).status, 404)
  })
})
