import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import { build } from 'esbuild'
import type * as sdk from '../src/index.ts'
import { apiKey, origin } from './fixtures.ts'

/** Global of the bundle in the page. */
declare const daytona: typeof sdk

describe('the client in Chromium, in a page of another origin', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../src/index.ts')],
    // An import of a Node module would fail the build.
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'daytona',
    write: false,
  })
  const server = createServer(({ url }, response) => {
    const isScript = url === '/sdk.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? outputFiles[0]?.text : '<!doctype html><script src="/sdk.js"></script>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const address = server.address()
  const page = await (await launchBrowser({ after })).newPage()
  await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
  const settings = { apiUrl: origin, apiKey }

  it('creates, uses and deletes a key', async () => {
    const seen = await page.evaluate(async (options) => {
      const { DaytonaAuth, maskKey } = daytona
      const admin = new DaytonaAuth(options)
      const made = await admin.apiKeys.create({ name: 'in a page', permissions: ['read:sandboxes'] })
      const own = new DaytonaAuth({ ...options, apiKey: made.value })
      const current = await own.apiKeys.current()
      const list = await own.sandboxes.list({ limit: 1 })
      await admin.apiKeys.delete('in a page')
      const after = await own.apiKeys.current().catch((error) => [error.statusCode, error.error])
      return [current.name, current.value === maskKey(made.value), Array.isArray(list.items), after]
    }, settings)
    assert.deepEqual(seen, ['in a page', true, true, [401, 'Invalid or expired API key']])
  })

  it('receives all details of an error', async () => {
    const seen = await page.evaluate(async (options) => {
      const { DaytonaAuth, DaytonaAuthError } = daytona
      const { value } = await new DaytonaAuth(options).apiKeys.create({ name: 'weak', permissions: ['read:volumes'] })
      const weak = new DaytonaAuth({ ...options, apiKey: value })
      const error = await weak.sandboxes.create({}).catch((reason: unknown) => reason)
      if (!(error instanceof DaytonaAuthError)) return String(error)
      const { statusCode, code, headers, requestId } = error
      return [statusCode, code, headers.get('www-authenticate'), typeof requestId]
    }, settings)
    assert.deepEqual(seen, [
      403,
      'insufficient_permissions',
      'Bearer error="insufficient_scope", scope="write:sandboxes", error_description="The credential lacks the permission write:sandboxes"',
      'string',
    ])
  })

  it('reads pages and a stream', async () => {
    const seen = await page.evaluate(async (options) => {
      const admin = new daytona.DaytonaAuth(options)
      const [organization] = await admin.organizations.list()
      const id = String(organization?.id)
      let count = 0
      for await (const event of admin.audit.all(id, { limit: 2 })) if (event.id) count += 1
      const lines = (await (await admin.audit.export(id)).text()).trim().split('\n')
      return { count, lines: lines.length }
    }, settings)
    // Concurrent tests add events.
    assert.ok(seen.count > 2 && seen.lines >= seen.count, JSON.stringify(seen))
  })
})
