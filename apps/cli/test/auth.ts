import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNKNOWN_KEY } from '@daytona-auth/testing'
import {
  apiKey,
  createHome,
  createHomeWithKey,
  createHomeWithSession,
  expectSuccess,
  getStatus,
  organizationId,
  origin,
  user,
} from './fixtures.ts'

describe('daytona auth', () => {
  it('status fails without a credential and says what to do', async () => {
    const { code, stdout, stderr } = await createHome().daytona(['auth', 'status'])
    assert.deepEqual([code, stdout, /daytona login --api-url/.test(stderr)], [1, '', true], stderr)
  })

  it('status shows source, permissions and expiry of a key, and never the key', async () => {
    const home = createHomeWithKey()
    const status = JSON.parse(await expectSuccess(home.daytona(['auth', 'status', '-f', 'json'])))
    assert.deepEqual(
      [status.source, status.credential, status.apiKey, status.scopes, status.expiresAt, status.user.email],
      ['environment', 'api-key', 'first-run', ['admin:organization'], null, user.email],
    )
    const { stdout, stderr } = await home.daytona(['auth', 'status'])
    assert.match(stdout, /^Source +DAYTONA_API_KEY$/m)
    assert.match(stderr, /never expires/)
    assert.ok(!`${stdout}${stderr}`.includes(apiKey))
  })

  it('status shows the scopes and the refresh of a session', async () => {
    const home = await createHomeWithSession()
    const { code, stdout, stderr } = await home.daytona(['auth', 'status'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^Source +profile "default"$/m)
    assert.match(stdout, /^Scopes +\S*openid/m)
    assert.match(stderr, /refreshed by itself/)
    const token = (await expectSuccess(home.daytona(['auth', 'token']))).trim()
    assert.equal(await getStatus(token), 200)
    assert.ok(!`${stdout}${stderr}`.includes(token))
  })

  it('token prints the key in use', async () => {
    assert.equal(await expectSuccess(createHomeWithKey().daytona(['auth', 'token'])), `${apiKey}\n`)
  })
})

describe('daytona api', () => {
  const home = createHomeWithKey()
  const api = (...args: string[]) => home.daytona(['api', ...args])

  it('prints an error response on standard output, and fails', async () => {
    const { code, stdout, stderr } = await api('GET', '/api-keys/unknown')
    assert.deepEqual([code, JSON.parse(stdout).statusCode], [1, 404])
    assert.match(stderr, /^error: API key not found\.\n/)
  })

  it('sends fields as JSON and selects parts of the response', async () => {
    const created = await api(
      'POST',
      '/api-keys',
      '-F',
      'name=raw',
      '-F',
      'permissions=["read:sandboxes"]',
      '--jq',
      '.name',
    )
    assert.deepEqual([created.code, created.stdout], [0, 'raw\n'], created.stderr)
    assert.equal(await expectSuccess(api('DELETE', '/api-keys/raw')), '')
    assert.equal(await expectSuccess(api('GET', '/users/me', '--jq', '.email')), `${user.email}\n`)
    assert.deepEqual(Object.keys(JSON.parse(await expectSuccess(api('GET', '/users/me', '--json', 'id,name')))), [
      'id',
      'name',
    ])
  })

  it('reads the body from standard input', async () => {
    const input = JSON.stringify({ name: 'from-input', permissions: ['read:volumes'] })
    const { code, stdout } = await home.daytona(
      ['api', 'POST', '/api-keys', '--input', '-', '--jq', '.permissions[]'],
      { input },
    )
    assert.deepEqual([code, stdout], [0, 'read:volumes\n'])
    const broken = await home.daytona(['api', 'POST', '/api-keys', '--input', '-'], { input: '{' })
    assert.deepEqual([broken.code, /not JSON/.test(broken.stderr)], [2, true])
  })

  it('inserts the selected organization', async () => {
    const path = '/organizations/{organizationId}'
    assert.equal(await expectSuccess(api('GET', path, '--jq', '.id')), `${organizationId}\n`)
    const selected = await api('GET', path, '--organization', organizationId, '--jq', '.name')
    assert.deepEqual([selected.code, selected.stdout], [0, 'Shared\n'])
  })

  it('reports a rejected credential', async () => {
    const { code, stderr } = await home.daytona(['api', 'GET', '/users/me'], { env: { DAYTONA_API_KEY: UNKNOWN_KEY } })
    assert.deepEqual([code, /the server refuses DAYTONA_API_KEY/.test(stderr)], [1, true], stderr)
    assert.ok(!stderr.includes(UNKNOWN_KEY) && origin !== '')
  })
})
