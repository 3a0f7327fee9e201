import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { createHomeWithKey, createHomeWithSession, expectSuccess, organizationId, origin, user } from './fixtures.ts'
import { createRecordingBrowser } from './recording-browser.ts'

/** Commands with `--web`, and the page that they open. */
const PAGES: readonly (readonly [line: string, page: string])[] = [
  ['api-key list', '/o/ORG/keys'],
  ['api-key list --status unused --sort -lastUsedAt', '/o/ORG/keys?status=unused&sort=-lastUsedAt'],
  [
    'api-key list --all --search ci --permission read:sandboxes',
    '/o/ORG/keys?q=ci&status=all&permission=read%3Asandboxes',
  ],
  ['member list', '/o/ORG/members'],
  ['organization members', '/o/ORG/members'],
  ['organization roles', '/o/ORG/roles'],
  ['organization list', '/'],
  ['invitation list', '/o/ORG/members'],
  ['invitation list --received', '/'],
  ['role list', '/o/ORG/roles'],
  ['app list', '/o/ORG/apps'],
  ['app get app_01ABC', '/o/ORG/apps/app_01ABC'],
  ['resource-server list', '/o/ORG/apis'],
  ['resource-server get rs_01ABC', '/o/ORG/apis/rs_01ABC'],
  ['audit list', '/o/ORG/audit'],
  [
    'audit list --action api_key.create --actor a@example.com',
    '/o/ORG/audit?action=api_key.create&actorEmail=a%40example.com',
  ],
  ['session list', '/account'],
  ['authorized-app list', '/account'],
]

describe('--web', () => {
  const home = createHomeWithKey()
  const daytona = (line: string) => home.daytona([...line.split(' '), '--web'])

  for (const [line, page] of PAGES) {
    it(`daytona ${line} --web prints ${page} where there is no browser`, async () => {
      const address = `${origin}/dashboard${page.replace('ORG', organizationId)}`
      assert.deepEqual(await daytona(line), { code: 0, stdout: `${address}\n`, stderr: '' })
    })
  }

  it('opens the page of a key; an unknown key is a failure', async () => {
    const { id } = JSON.parse(await expectSuccess(home.daytona(['api-key', 'get', 'first-run', '-f', 'json'])))
    assert.equal(
      await expectSuccess(daytona('api-key get first-run')),
      `${origin}/dashboard/o/${organizationId}/keys/${id}\n`,
    )
    const { code, stdout } = await daytona('api-key get unknown')
    assert.deepEqual([code, stdout], [1, ''])
  })

  it('opens the browser, and the page exists', async () => {
    const { browser, opened } = await createRecordingBrowser(home)
    const { code, stdout, stderr } = await home.daytona(['api-key', 'list', '--web'], { env: { BROWSER: browser } })
    const url = await waitFor(opened)
    assert.deepEqual([code, stdout, stderr], [0, '', `Opening ${url} in your browser.\n`])
    const page = await fetch(url, { headers: { accept: 'text/html' } })
    assert.deepEqual([page.status, /<div id="root">/.test(await page.text())], [200, true])
  })

  it('needs one organization, as the list does', async () => {
    const session = await createHomeWithSession()
    const several = await session.daytona(['member', 'list', '--web'])
    assert.deepEqual([several.code, several.stdout], [1, ''])
    const chosen = await session.daytona(['member', 'list', '--web', '--organization', 'Shared'])
    assert.equal(chosen.stdout, `${origin}/dashboard/o/${organizationId}/members\n`)
    assert.ok(user.email)
  })

  it('rejects a dashboard at another server', async () => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(
        request.url === '/config' ? JSON.stringify({ dashboardUrl: 'https://evil.example/dashboard' }) : '[]',
      )
    }).listen(0, '127.0.0.1')
    try {
      await waitFor(() => server.listening)
      const address = server.address()
      const env = { DAYTONA_API_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }
      const { code, stdout, stderr } = await home.daytona(['organization', 'list', '--web'], { env })
      assert.deepEqual(
        [code, stdout, /is at another server: https:\/\/evil\.example/.test(stderr)],
        [1, '', true],
        stderr,
      )
    } finally {
      server.close()
    }
  })

  it('leads to pages that the dashboard has', async () => {
    const router = await readFile(join(import.meta.dirname, '../../dashboard/src/router.tsx'), 'utf8')
    for (const [, page] of PAGES) {
      const path = page
        .replace('/o/ORG', '')
        .replace('app_01ABC', '$clientId')
        .replace('rs_01ABC', '$apiId')
        .replace(/\?.*/, '')
      assert.ok(router.includes(`path: '${path}'`), path)
    }
  })
})
