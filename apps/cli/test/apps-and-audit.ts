import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { createHomeWithKey, database, expectSuccess, organizationId, origin, user } from './fixtures.ts'

const home = createHomeWithKey()
const daytona = (...args: string[]) => home.daytona(args)
const json = async (...args: string[]) => JSON.parse(await expectSuccess(daytona(...args, '-f', 'json')))

describe('daytona resource-server', () => {
  it('creates, shows, lists, changes and deletes an API with its own audience', async () => {
    const identifier = 'https://invoices.example.com'
    const read = 'invoices:read=See your invoices = all'
    const made = await json('resource-server', 'create', identifier, 'Invoices', '--scope', read, '--scope', 'b=B')
    assert.deepEqual(
      [made.identifier, made.enabled, made.scopes],
      [
        identifier,
        true,
        [
          { name: 'invoices:read', description: 'See your invoices = all' },
          { name: 'b', description: 'B' },
        ],
      ],
    )
    assert.match(await expectSuccess(daytona('resource-server', 'get', made.id)), /^Identifier +https:\/\/invoices/m)
    assert.ok((await expectSuccess(daytona('resource-server', 'ls', '-q'))).split('\n').includes(made.id))
    const again = await daytona('resource-server', 'create', identifier, 'Again')
    assert.deepEqual([again.code, /exists already/.test(again.stderr)], [1, true], again.stderr)

    const changed = await json('resource-server', 'update', made.id, '--disable', '--scope', 'c=C')
    assert.deepEqual([changed.enabled, changed.scopes.length, changed.name], [false, 1, 'Invoices'])
    assert.equal((await json('resource-server', 'update', made.id, '--enable')).enabled, true)
    const deleted = await daytona('resource-server', 'rm', made.id, '--yes')
    assert.deepEqual([deleted.code, deleted.stderr], [0, `The resource server ${made.id} is deleted.\n`])
    const missing = await daytona('resource-server', 'get', made.id)
    assert.deepEqual([missing.code, missing.stderr.split('\n')[1]], [1, 'List them: daytona resource-server list'])
  })
})

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

  it('secret create adds one that is printed once; list has neither; the last one cannot be deleted', async () => {
    const [clientId = '', first = ''] = (await expectSuccess(daytona('app', 'create', 'Two', ...web, '-q'))).split('\n')
    const { code, stdout, stderr } = await daytona('app', 'secret', 'create', clientId, 'next', '--expires-in', '30d')
    assert.deepEqual([code, stderr], [0, 'Keep the secret now: it is not shown again.\n'])
    const [, id = ''] = /^ID +(sec_\w+)$/m.exec(stdout) ?? []
    const [, next = ''] = /^Secret +(\S{43})$/m.exec(stdout) ?? []
    const listed = await expectSuccess(daytona('app', 'secret', 'list', clientId))
    assert.match(listed, new RegExp(`^next\\t${id}\\t[*]{20}${next.slice(-4)}\\t20[^\\t]+\\tnever\\t20[^\\t]+$`, 'm'))
    assert.ok(next !== '' && !listed.includes(next) && !listed.includes(first), listed)
    const third = await daytona('app', 'secret', 'create', clientId, 'third', '-q')
    assert.deepEqual([third.code, third.stdout], [1, ''])
    assert.match(third.stderr, /^error: The limit of 2 secrets of an app is reached: delete one first/)

    const ids = (await expectSuccess(daytona('app', 'secret', 'ls', clientId, '-q'))).trim().split('\n')
    const [older = ''] = ids.filter((each) => each !== id)
    const deleted = await daytona('app', 'secret', 'delete', clientId, older, '--yes')
    assert.deepEqual([deleted.code, deleted.stderr], [0, `The secret ${older} is deleted.\n`])
    const last = await daytona('app', 'secret', 'rm', clientId, id, '--yes')
    assert.equal(last.code, 1)
    assert.match(last.stderr, /^error: The only valid secret of an app cannot be deleted/)
  })

  it('update sets that requests are signed, and how; both end with the keys', async () => {
    const [clientId = ''] = (await expectSuccess(daytona('app', 'create', 'Signed', ...web, '-q'))).split('\n')
    const early = await daytona('app', 'update', clientId, '--require-signed-requests')
    assert.deepEqual([early.code, /private_key_jwt/.test(early.stderr)], [1, true], early.stderr)
    const keys = ['--jwks-uri', 'https://app.example.com/jwks.json']
    const signed = ['--require-signed-requests', '--request-signing-alg', 'ES256']
    const settings = async (...options: string[]) => {
      const app = await json('app', 'update', clientId, ...options)
      return [app.tokenEndpointAuthMethod, app.requireSignedRequestObject, app.requestObjectSigningAlg]
    }
    assert.deepEqual(await settings(...keys, ...signed), ['private_key_jwt', true, 'ES256'])
    assert.match(await expectSuccess(daytona('app', 'get', clientId)), /^Signed with +ES256$/m)
    assert.deepEqual(await settings('--name', 'Other'), ['private_key_jwt', true, 'ES256'])
    assert.deepEqual(await settings('--no-request-signing-alg'), ['private_key_jwt', true, null])
    assert.deepEqual(await settings('--no-require-signed-requests'), ['private_key_jwt', false, null])
    await settings(...signed)
    assert.deepEqual(await settings('--use-secret'), ['client_secret_basic', false, null])
  })

  it('users and denials show who uses an app, and what was wrong with its requests', async () => {
    const [clientId = ''] = (await expectSuccess(daytona('app', 'create', 'Refused', ...web, '-q'))).split('\n')
    const unused = await daytona('app', 'users', clientId)
    assert.deepEqual([unused.code, unused.stdout, unused.stderr], [0, '', 'No one uses the app yet.\n'])
    await database.$client`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user.id}, ${clientId}, '{openid}')`
    assert.equal(await expectSuccess(daytona('app', 'users', clientId, '-q')), `${user.id}\n`)
    assert.match(
      await expectSuccess(daytona('app', 'users', clientId)),
      new RegExp(`\t${user.email}\t${user.id}\topenid\t`),
    )

    const url = new URL('/oauth/authorize', origin)
    const redirectUri = 'https://other.example.com/callback'
    url.search = String(new URLSearchParams({ client_id: clientId, response_type: 'code', redirect_uri: redirectUri }))
    const { status, body } = await fetch(url)
    await body?.cancel()
    assert.equal(status, 400)
    const listed = await waitFor(
      async () => (await expectSuccess(daytona('app', 'denials', clientId))) || undefined,
      15_000,
    )
    assert.match(listed, /^invalid_redirect_uri\thttps:\/\/other\.example\.com\/callback\t1\t20/m)
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
    const [actor, , target] = (await expectSuccess(daytona('audit', 'list', '--action', 'api_key.create')))
      .split('\n', 1)
      .join()
      .split('\t')
      .slice(1)
    assert.deepEqual([actor, target], [user.email, 'api_key audited'], 'names, not ids')
    const apps = await expectSuccess(daytona('audit', 'list', '--action', 'oauth_app.create'))
    assert.match(apps, /\toauth_app My App\t/)
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
