import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { authorize, dashboardClient, redeemCode } from './oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from './standalone.ts'

interface Tokens {
  access_token: string
  id_token: string
  refresh_token?: string
}

it('writes none of the secrets of a full run to any log, even at LOG_LEVEL=trace', async (t) => {
  const dataDir = join(await createTempDirectory(t), '.data')
  const running = await startStandalone(t, { dataDir, env: { LOG_LEVEL: 'trace' } })
  await running.ready()
  const { origin } = running
  const { user, apiKey } = await readCredentials(dataDir)
  const secrets = new Map<string, string>([
    ['password', user.password],
    ['first key', apiKey],
  ])
  for (const name of await readdir(join(dataDir, 'secrets'))) {
    secrets.set(name, (await readFile(join(dataDir, 'secrets', name), 'utf8')).trim())
  }

  const cookies = new Map<string, string>()
  const dashboard = dashboardClient(origin)
  const authorization = await authorize(origin, user, dashboard, cookies)
  // An interaction's cookie has the same value as its page's URL; the secret is its signature, a separate cookie.
  for (const [name, value] of cookies) if (value && !/interaction\w*$/.test(name)) secrets.set(`cookie ${name}`, value)
  secrets.set('code', authorization.code)
  const tokens = (await (await redeemCode(origin, dashboard, authorization)).json()) as Tokens
  for (const [name, value] of Object.entries(tokens)) if (/_token$/.test(name)) secrets.set(name, String(value))
  // A second use fails and revokes the grant.
  assert.equal((await redeemCode(origin, dashboard, authorization)).status, 400)

  const request = async (path: string, credential: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
    const response = await fetch(origin + path, { ...init, headers })
    return { status: response.status, body: await response.text() }
  }
  const made = await request('/api-keys', apiKey, {
    method: 'POST',
    body: JSON.stringify({ name: 'made', permissions: ['read:sandboxes'] }),
  })
  secrets.set('made key', JSON.parse(made.body).value)
  const rotated = await request('/api-keys/first-run/rotate', apiKey, { method: 'POST', body: '{}' })
  assert.equal(rotated.status, 201)
  secrets.set('rotated key', JSON.parse(rotated.body).value)

  // Every input in which a secret could be sent by mistake.
  const key = JSON.parse(rotated.body).value
  await request('/users/me', tokens.access_token)
  await request('/oauth/userinfo', tokens.access_token)
  await request(`/sandbox?access_token=${key}&api_key=${key}`, key)
  await request(`/sandbox/${key}`, key)
  await request(`/api-keys/${key}`, key, { method: 'DELETE', body: '{}' })
  await request('/api-keys', key, { method: 'POST', body: `{"name": "${key}\u0000", "permissions": ["${key}"]}` })
  await request('/api-keys', key, { method: 'POST', body: `{"api_key": "${key}"` })
  await request('/sandbox', key, { method: 'POST', body: JSON.stringify({ alias: `${user.password}\u0000` }) })
  await request('/sandbox', `${key.slice(0, -1)}_`)
  await request('/oauth/token', key, { method: 'POST', body: JSON.stringify({ password: user.password }) })

  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  const logs = {
    stdout: running.output.stdout,
    stderr: running.output.stderr,
    postgres: await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8'),
  }
  assert.ok(logs.stderr.split('\n').length > 20, 'too few lines were logged')
  assert.ok(secrets.size >= 12)
  for (const [where, text] of Object.entries(logs)) {
    for (const [name, secret] of secrets) assert.ok(!text.includes(secret), `${name} is in ${where}`)
  }
})
