import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { waitFor } from '@daytona-auth/testing'
import { obtainAccessToken } from './oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from './standalone.ts'

// Runs every line of the published guide as printed. Only the host, the sample credentials and the year of expiry are
// replaced. Each test title names the credential that its line needs.

const dataDir = join(await createTempDirectory({ after }), '.data')
const service = await startStandalone({ after }, { dataDir })
await service.ready()
const { origin } = service
const { user, organizationId, apiKey } = await readCredentials(dataDir)

const CLI = join(import.meta.dirname, '../../cli/src/main.ts')

const run = promisify(execFile)
/** The first Python with `requests`: Debian's package may belong to another Python than the one on the PATH. */
const python = ['python3', '/usr/bin/python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import requests']).status === 0,
)
const missing = [
  ...(spawnSync('curl', ['--version']).status === 0 ? [] : ['curl']),
  ...(python ? [] : ['python3 with requests']),
]
// A developer's machine may lack them; CI must have them.
const skip = missing.length > 0 && !process.env['CI'] && `not installed: ${missing.join(', ')}`

/** Runs a `curl` line of the guide with the test's origin and a real credential in place of the sample. */
async function curl(line: string, credential: string, samples: Record<string, string> = {}) {
  let command = line
    .replaceAll('https://api.daytona.io', origin)
    .replaceAll(/YOUR_(?:EXISTING_TOKEN|API_KEY|TOKEN|JWT_TOKEN)/g, credential)
  for (const [sample, real] of Object.entries(samples)) command = command.replaceAll(sample, real)
  assert.notEqual(command, line)
  const { stdout } = await run('sh', ['-c', `${command} --silent --show-error --write-out '\\n%{http_code}'`])
  const [, text = '', status] = /^(.*)\n(\d+)$/s.exec(stdout) ?? []
  return { status: Number(status), body: text === '' ? undefined : JSON.parse(text) }
}

async function api(method: string, path: string, credential: string, body?: unknown) {
  const response = await fetch(origin + path, {
    method,
    headers: {
      authorization: `Bearer ${credential}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}

const keyWith = async (name: string, ...permissions: string[]): Promise<string> => {
  const { status, body } = await api('POST', '/api-keys', apiKey, { name, permissions })
  assert.equal(status, 201)
  return (body as { value: string }).value
}

const LIST = `curl -X GET https://api.daytona.io/sandbox \\
  -H "Authorization: Bearer YOUR_API_KEY"`
const ME = `curl -X GET https://api.daytona.io/users/me \\
  -H "Authorization: Bearer YOUR_JWT_TOKEN"`
const LIST_IN = `curl -X GET https://api.daytona.io/sandbox \\
  -H "Authorization: Bearer YOUR_JWT_TOKEN" \\
  -H "X-Daytona-Organization-ID: org_abc123"`

const UNAUTHORIZED = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired API key' }
const FORBIDDEN = { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' }

describe('the guide: API keys', { skip }, () => {
  let made: string

  it('Creating an API Key, with a key that has admin:organization in one organization', async () => {
    const { status, body } = await curl(
      `curl -X POST https://api.daytona.io/api-keys \\
  -H "Authorization: Bearer YOUR_EXISTING_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
    "name": "My API Key",
    "permissions": ["write:sandboxes", "read:snapshots"],
    "expiresAt": "2025-12-31T23:59:59Z"
  }'`,
      apiKey,
      { '2025-': '2099-' },
    )
    assert.equal(status, 201)
    made = body.value
    assert.deepEqual(
      [body.name, body.permissions, body.expiresAt],
      ['My API Key', ['write:sandboxes', 'read:snapshots'], '2099-12-31T23:59:59.000Z'],
    )
  })

  it('Creating an API Key by the CLI: the same line gets the same denial for a name that is taken', async () => {
    const line = `daytona api-key create "My API Key" \\
  --permissions write:sandboxes,read:snapshots \\
  --expires-at 2025-12-31T23:59:59Z`
    const daytona = (command: string) =>
      run('sh', ['-c', `daytona() { "${process.execPath}" "${CLI}" "$@"; }; ${command}`], {
        env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: dataDir, DAYTONA_API_URL: origin, DAYTONA_API_KEY: apiKey },
      })
    const future = line.replace('2025-', '2099-')
    const taken = await daytona(future).catch((error) => error)
    assert.deepEqual([taken.code, taken.stdout], [1, ''])
    assert.match(taken.stderr, /^error: An active API key of that name exists already/)
    const { stdout } = await daytona(future.replace('My API Key', 'By the CLI'))
    const value = /^Value +(\w+)$/m.exec(stdout)?.[1] ?? ''
    const { body } = await api('GET', '/api-keys/current', value)
    assert.partialDeepStrictEqual(body, {
      name: 'By the CLI',
      permissions: ['write:sandboxes', 'read:snapshots'],
      expiresAt: '2099-12-31T23:59:59.000Z',
    })
  })

  it('Using API Keys, with a key that has read:sandboxes', async () => {
    const { status, body } = await curl(LIST, await keyWith('reader', 'read:sandboxes'))
    assert.deepEqual([status, body], [200, { items: [], nextCursor: null }])
  })

  it('403 Forbidden: the same line with the key made above, which has no read:sandboxes', async () => {
    assert.deepEqual(await curl(LIST, made), { status: 403, body: FORBIDDEN })
  })

  it('401 Unauthorized: the same line with an unknown key, and with the guide’s own sample', async () => {
    for (const key of ['dta_1234567890abcdef', made.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))]) {
      assert.deepEqual(await curl(LIST, key), { status: 401, body: UNAUTHORIZED })
    }
  })

  it('Example: Creating a Sandbox, by Python’s requests with the key made above, which has write:sandboxes', async () => {
    const script = `import requests

url = "https://api.daytona.io/sandbox"
headers = {
    "Authorization": "Bearer dta_1234567890abcdef",
    "Content-Type": "application/json"
}
payload = {
    "alias": "python-sandbox",
    "snapshot": "python:3.11"
}

response = requests.post(url, json=payload, headers=headers)
print(response.json())
`
      .replace('https://api.daytona.io', origin)
      .replace('dta_1234567890abcdef', made)
    const { stdout } = await run(python ?? 'python3', ['-c', script])
    for (const part of [`'name': 'python-sandbox'`, `'snapshot': 'python:3.11'`, `'state': 'creating'`]) {
      assert.ok(stdout.includes(part), stdout)
    }
    assert.ok(stdout.includes(`'organizationId': '${organizationId}'`), stdout)
  })

  it('List API Keys, with the first key, which has admin:organization', async () => {
    const { status, body } = await curl(
      `curl -X GET https://api.daytona.io/api-keys \\
  -H "Authorization: Bearer YOUR_TOKEN"`,
      apiKey,
    )
    assert.equal(status, 200)
    const key = body.find(({ name }: { name: string }) => name === 'My API Key')
    assert.equal(key.value, `${made.slice(0, 8)}${'*'.repeat(20)}${made.slice(-4)}`)
  })

  it('Get Current API Key Details, with the key made above', async () => {
    const { status, body } = await curl(
      `curl -X GET https://api.daytona.io/api-keys/current \\
  -H "Authorization: Bearer YOUR_API_KEY"`,
      made,
    )
    assert.deepEqual([status, body.name, body.status], [200, 'My API Key', 'active'])
  })

  it('Delete API Key, with the first key, which has admin:organization', async () => {
    const doomed = await keyWith('my-key-name', 'read:sandboxes')
    const line = `curl -X DELETE https://api.daytona.io/api-keys/my-key-name \\
  -H "Authorization: Bearer YOUR_TOKEN"`
    assert.deepEqual(await curl(line, apiKey), { status: 204, body: undefined })
    assert.deepEqual(await curl(LIST, doomed), { status: 401, body: UNAUTHORIZED })
  })

  it('API Key Expiration: 401 from then on, and marked inactive automatically', async () => {
    /** Creates a key and uses it once. */
    const use = async (lifetimeMs: number) => {
      const expiresAt = new Date(Date.now() + lifetimeMs).toISOString()
      const key = { name: 'short', permissions: ['read:sandboxes'], expiresAt }
      const { value } = (await api('POST', '/api-keys', apiKey, key)).body as { value: string }
      return { value, expiresAt, status: (await curl(LIST, value)).status }
    }
    let short = await use(1500)
    // A slow machine needs longer for the first request: then the next key has more time.
    for (let lifetimeMs = 6000; short.status !== 200 && Date.now() >= Date.parse(short.expiresAt); lifetimeMs *= 4) {
      short = await use(lifetimeMs)
    }
    const { value, expiresAt, status } = short
    assert.equal(status, 200)
    const refused = await waitFor(async () => {
      const answer = await curl(LIST, value)
      return answer.status === 200 ? undefined : answer
    })
    assert.deepEqual(refused, { status: 401, body: UNAUTHORIZED })
    assert.ok(Date.now() >= Date.parse(expiresAt))
    const { body } = await api('GET', '/api-keys?status=all', apiKey)
    const key = (body as { name: string; status: string }[]).find(({ name }) => name === 'short')
    assert.equal(key?.status, 'expired')
  })
})

describe('the guide: OAuth 2.0 / OpenID Connect', { skip }, () => {
  const redirectUri = 'http://localhost/callback'

  /** Obtains a token of a third-party app for the owner with these scopes. */
  async function thirdParty(...scopes: string[]): Promise<string> {
    const app = { name: 'Third party', type: 'web', redirectUris: [redirectUri], scopes }
    const { body } = await api('POST', '/oauth-apps', apiKey, app)
    const { clientId, clientSecret } = body as { clientId: string; clientSecret: string }
    const scope = scopes.join(' ')
    return obtainAccessToken(origin, user, {
      clientId,
      clientSecret,
      redirectUri,
      scope,
      organizationIds: [organizationId],
    })
  }

  /** Obtains a token of the dashboard: it acts as the user, in all of their organizations. */
  const dashboard = () =>
    obtainAccessToken(origin, user, {
      clientId: 'daytona-dashboard',
      redirectUri: `${origin}/dashboard/callback`,
      scope: 'openid profile email',
    })

  it('OpenID Connect Configuration, with no credential', async () => {
    const { status, body } = await api('GET', '/.well-known/openid-configuration', '')
    assert.equal(status, 200)
    assert.partialDeepStrictEqual(body, {
      issuer: origin,
      authorization_endpoint: `${origin}/oauth/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      userinfo_endpoint: `${origin}/oauth/userinfo`,
      jwks_uri: `${origin}/.well-known/jwks.json`,
    })
  })

  it('OAuth Scopes and Using JWT Tokens, with an app that has the three scopes of the guide', async () => {
    const { status, body } = await curl(ME, await thirdParty('openid', 'profile', 'email'))
    assert.deepEqual([status, body.id, body.email, body.emailVerified], [200, user.id, user.email, true])
    assert.ok(body.name)
  })

  it('Multi-Organization Access, with the dashboard’s token', async () => {
    const token = await dashboard()
    const samples = { org_abc123: organizationId }
    assert.equal((await curl(LIST_IN, token, samples)).status, 200)
    assert.equal((await curl(ME, token)).status, 200)
    const { status, body } = await curl(LIST, token)
    const error = 'X-Daytona-Organization-ID header is required: this credential has access to 2 organizations'
    assert.deepEqual([status, body], [400, { statusCode: 400, message: 'Bad Request', error }])
    assert.deepEqual(await curl(LIST_IN, token), { status: 403, body: FORBIDDEN })
  })

  it('Multi-Organization Access, with an app that has the three scopes only: 403, and the missing scope', async () => {
    const token = await thirdParty('openid', 'profile', 'email')
    assert.deepEqual(await curl(LIST_IN, token, { org_abc123: organizationId }), { status: 403, body: FORBIDDEN })
    const { headers } = await api('GET', '/sandbox', token)
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer error="insufficient_scope", scope="read:sandboxes", /)
  })

  it('Multi-Organization Access, with an app that was given read:sandboxes as well', async () => {
    const token = await thirdParty('openid', 'profile', 'email', 'read:sandboxes')
    assert.equal((await curl(LIST_IN, token, { org_abc123: organizationId })).status, 200)
  })

  it('401 Unauthorized, with a token whose signature was changed', async () => {
    const body = { statusCode: 401, message: 'Unauthorized', error: 'Invalid or expired token' }
    assert.deepEqual(await curl(ME, `${(await dashboard()).slice(0, -4)}AAAA`), { status: 401, body })
  })
})
