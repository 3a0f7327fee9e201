import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { authorize, browseToCallback, dashboardClient, redeemCode } from './oauth-flow.ts'
import { createTempDirectory, fetchStatus, readCredentials, startStandalone } from './standalone.ts'

const OPS = join(import.meta.dirname, '../../ops/src/main.ts')

const dataDir = join(await createTempDirectory({ after }), '.data')
const { url } = await testDatabase()
const running = await startStandalone({ after }, { dataDir, env: { DATABASE_URL: url } })
await running.ready()
const { origin } = running
const { user: person, apiKey: key } = await readCredentials(dataDir)
const dashboard = dashboardClient(origin, 'openid offline_access')

/** Runs the operator's command in a process of its own. */
async function daytonaAuth(...argv: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [OPS, '-f', 'json', ...argv], {
    env: { ...process.env, DATABASE_URL: url },
  })
  return JSON.parse(stdout)
}

/** Signs in in a new browser. */
async function signIn() {
  const cookies = new Map<string, string>()
  const answer = await redeemCode(origin, dashboard, await authorize(origin, person, dashboard, cookies))
  const { access_token: token, refresh_token: refresh } = (await answer.json()) as Record<string, string>
  assert.ok(token && refresh)
  return { cookies, token, refresh }
}

const tokenStatus = async (token: string) =>
  (await fetch(`${origin}/users/me`, { headers: { authorization: `Bearer ${token}` } })).status

const refreshStatus = async (refresh_token: string) => {
  const body = new URLSearchParams({ client_id: dashboard.clientId, grant_type: 'refresh_token', refresh_token })
  return (await fetch(`${origin}/oauth/token`, { method: 'POST', body })).status
}

/** The page to which the browser comes with an authorization request. */
async function reached(cookies: Map<string, string>): Promise<string> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(`${origin}/oauth/account`, { headers: { cookie } })
  return new URL(response.url).pathname
}

describe('an account that the operator disables while API and provider run', () => {
  it('has no key, token, session or refresh that is accepted, in either server, until it is enabled and signs in', async () => {
    const { cookies, token, refresh } = await signIn()
    // In the caches of both servers.
    for (let times = 0; times < 2; times += 1) {
      assert.deepEqual([await fetchStatus(origin, key), await tokenStatus(token)], [200, 200])
    }
    assert.equal(await reached(cookies), '/oauth/account')

    const { endedSessions } = await daytonaAuth('user', 'disable', person.email, '--reason', 'left')
    assert.equal(endedSessions, 1)
    // By notification: both would stay in the caches of the servers for longer.
    await waitFor(async () => (await fetchStatus(origin, key)) === 401 && (await tokenStatus(token)) === 401)
    assert.equal(await refreshStatus(refresh), 400)
    assert.match(await reached(cookies), /^\/oauth\/interaction\//)
    await assert.rejects(browseToCallback(new URL('/oauth/account', origin), person, dashboard), /redirect loop/)

    assert.equal((await daytonaAuth('user', 'enable', person.email))['change'], 'user.enable')
    await waitFor(async () => (await fetchStatus(origin, key)) === 200)
    assert.deepEqual([await tokenStatus(token), await refreshStatus(refresh)], [401, 400])
    assert.equal(await tokenStatus((await signIn()).token), 200)
  })

  it('is signed out by the operator: tokens and sessions end, keys of its own stay', async () => {
    const { cookies, token, refresh } = await signIn()
    assert.equal(await tokenStatus(token), 200)
    await daytonaAuth('user', 'sign-out', person.email)
    await waitFor(async () => (await tokenStatus(token)) === 401)
    assert.equal(await refreshStatus(refresh), 400)
    assert.match(await reached(cookies), /^\/oauth\/interaction\//)
    assert.equal(await fetchStatus(origin, key), 200)
  })
})
