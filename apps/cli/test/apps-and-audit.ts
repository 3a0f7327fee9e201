import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createHomeWithKey, expectSuccess, organizationId } from './fixtures.ts'

const home = createHomeWithKey()
const daytona = (...args: string[]) => home.daytona(args)
const json = async (...args: string[]) => JSON.parse(await expectSuccess(daytona(...args, '-f', 'json')))

describe('daytona app', () => {
  const web = ['--type', 'web', '--redirect-uri', 'https://app.example.com/callback']

  it('create prints the secret of a web app once; public clients have none', async () => {
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
    assert.ok(!(await expectSuccess(daytona('app', 'list', '-f', 'json'))).includes(secret))
    assert.ok((await expectSuccess(daytona('app', 'ls', '-q'))).split('\n').includes(clientId))
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

  it('rotate-secret replaces the secret; delete removes the app; an unknown app is a failure', async () => {
    const [clientId = '', secret] = (await expectSuccess(daytona('app', 'create', 'Deleted', ...web, '-q'))).split('\n')
    const next = (await expectSuccess(daytona('app', 'rotate-secret', clientId, '--yes', '-q'))).trim()
    assert.ok(next.length > 20 && next !== secret)
    const { code, stderr } = await daytona('app', 'rm', clientId, '--yes')
    assert.deepEqual([code, stderr], [0, `The app ${clientId} is deleted.\n`])
    const again = await daytona('app', 'delete', clientId, '--yes')
    assert.deepEqual([again.code, again.stderr.split('\n')[1]], [1, 'List them: daytona app list'])
  })

  it('prints the server’s error for an invalid redirect URI', async () => {
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
  it('list has at most --limit events, and notes that there are more', async () => {
    await expectSuccess(daytona('api-key', 'create', 'audited', '--permissions', 'read:sandboxes', '-q'))
    const { code, stdout, stderr } = await daytona('audit', 'list', '--limit', '1')
    assert.deepEqual([code, stdout.trimEnd().split('\n').length], [0, 1])
    assert.match(stderr, /^There are more events: raise --limit/)
    const events = await json('audit', 'list', '--action', 'api_key.create', '--status', '201')
    assert.ok(events.length > 0)
    assert.ok(events.every(({ action }: { action: string }) => action === 'api_key.create'))
    const none = await daytona('audit', 'list', '--actor', 'unknown@example.com')
    assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'There are no events.\n'])
  })

  it('export writes all events to standard output, or to a new file of mode 0600', async () => {
    const lines = (await expectSuccess(daytona('audit', 'export'))).trimEnd().split('\n')
    assert.ok(lines.length > 2)
    assert.ok(lines.every((line) => JSON.parse(line).organizationId === organizationId))
    const path = join(String(home.env['XDG_CONFIG_HOME']), 'trail.ndjson')
    await expectSuccess(daytona('audit', 'export', '-o', path))
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    // Newest first: batched events of earlier tests may precede those of the first export.
    assert.ok((await readFile(path, 'utf8')).endsWith(`${lines.join('\n')}\n`))
    const again = await daytona('audit', 'export', '--output', path)
    assert.deepEqual([again.code, again.stderr], [1, `error: Cannot write ${path}: the file exists.\n`])
  })

  it('verify prints the result', async () => {
    const { valid, brokenAt } = await json('audit', 'verify')
    assert.deepEqual([valid, brokenAt], [true, null])
    assert.equal(await expectSuccess(daytona('audit', 'verify', '-q')), 'valid\n')
  })
})
