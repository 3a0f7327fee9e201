import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { homeWithKey, organizationId, succeeded } from './world.ts'

const home = homeWithKey()
const daytona = (...args: string[]) => home.daytona(args)
const json = async (...args: string[]) => JSON.parse(await succeeded(daytona(...args, '-f', 'json')))

describe('daytona app', () => {
  const web = ['--type', 'web', '--redirect-uri', 'https://app.example.com/callback']

  it('create shows the secret of a web app once; an app that could not keep one has none', async () => {
    const { code, stdout, stderr } = await daytona(
      'app',
      'create',
      'My App',
      ...web,
      '--scopes',
      'openid,read:sandboxes',
    )
    assert.deepEqual([code, stderr], [0, 'Keep the secret now: it is not shown again.\n'])
    assert.match(stdout, /^Secret +\S{20,}$/m)
    const [, clientId = ''] = /^Client ID +(app_\w+)$/m.exec(stdout) ?? []
    const [, secret = ''] = /^Secret +(\S+)$/m.exec(stdout) ?? []
    assert.ok(!(await succeeded(daytona('app', 'list', '-f', 'json'))).includes(secret))
    assert.ok((await succeeded(daytona('app', 'ls', '-q'))).split('\n').includes(clientId))
    const native = await json(
      'app',
      'create',
      'Phone',
      '--type',
      'native',
      '--redirect-uri',
      'http://127.0.0.1/callback',
    )
    assert.deepEqual([native.clientSecret, native.scopes], [undefined, ['openid', 'profile', 'email']])
  })

  it('rotate-secret gives another one, delete ends the app; one that is not there is refused', async () => {
    const [clientId = '', secret] = (await succeeded(daytona('app', 'create', 'Doomed', ...web, '-q'))).split('\n')
    const next = (await succeeded(daytona('app', 'rotate-secret', clientId, '--yes', '-q'))).trim()
    assert.ok(next.length > 20 && next !== secret)
    const { code, stderr } = await daytona('app', 'rm', clientId, '--yes')
    assert.deepEqual([code, stderr], [0, `The app ${clientId} is deleted.\n`])
    const again = await daytona('app', 'delete', clientId, '--yes')
    assert.deepEqual([again.code, again.stderr.split('\n')[1]], [1, 'See what there is: daytona app list'])
  })

  it('a redirect that the server refuses is told in its words', async () => {
    const { code, stderr } = await daytona(
      'app',
      'create',
      'x',
      '--type',
      'web',
      '--redirect-uri',
      'http://example.com/',
    )
    assert.deepEqual([code, /^error: .*https/.test(stderr)], [1, true], stderr)
  })
})

describe('daytona audit', () => {
  it('list is as long as it is told, and says that there is more', async () => {
    await succeeded(daytona('api-key', 'create', 'audited', '--permissions', 'read:sandboxes', '-q'))
    const { code, stdout, stderr } = await daytona('audit', 'list', '--limit', '1')
    assert.deepEqual([code, stdout.trimEnd().split('\n').length], [0, 2])
    assert.match(stderr, /^There is more: --limit takes a higher number/)
    const events = await json('audit', 'list', '--action', 'api_key.create', '--status', '201')
    assert.ok(events.length > 0)
    assert.ok(events.every(({ action }: { action: string }) => action === 'api_key.create'))
    const none = await daytona('audit', 'list', '--actor', 'nobody@example.com')
    assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'Nothing happened.\n'])
  })

  it('export writes all of it: to standard output, or to a new file for nobody else to read', async () => {
    const lines = (await succeeded(daytona('audit', 'export'))).trimEnd().split('\n')
    assert.ok(lines.length > 2)
    assert.ok(lines.every((line) => JSON.parse(line).organizationId === organizationId))
    const path = join(String(home.env['XDG_CONFIG_HOME']), 'trail.ndjson')
    await succeeded(daytona('audit', 'export', '-o', path))
    assert.deepEqual([(await stat(path)).mode & 0o777, await readFile(path, 'utf8')], [0o600, `${lines.join('\n')}\n`])
    const again = await daytona('audit', 'export', '--output', path)
    assert.deepEqual([again.code, again.stderr], [1, `error: Cannot write ${path}: there is one already.\n`])
  })

  it('verify says yes, or the exit code does', async () => {
    const { valid, brokenAt } = await json('audit', 'verify')
    assert.deepEqual([valid, brokenAt], [true, null])
    assert.equal(await succeeded(daytona('audit', 'verify', '-q')), 'valid\n')
  })
})
