import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { authorize, dashboardClient, redeemCode } from './oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from './standalone.ts'

const dataDir = join(await createTempDirectory({ after }), '.data')
const { url, database } = await testDatabase()
const running = await startStandalone({ after }, { dataDir, env: { DATABASE_URL: url } })
await running.ready()
const { origin } = running
const { user } = await readCredentials(dataDir)

/** Lists PostgreSQL's backend processes of the invalidation channels. */
async function findListenerPids(): Promise<number[]> {
  const rows = await database.$client<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen %'`
  return rows.map(({ pid }) => pid)
}

describe('a revocation at the provider', () => {
  it('takes effect at the API of the same process before its response, even without notifications', async () => {
    const dashboard = dashboardClient(origin)
    const answer = await redeemCode(origin, dashboard, await authorize(origin, user, dashboard))
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const getStatus = async () =>
      (await fetch(`${origin}/users/me`, { headers: { authorization: `Bearer ${token}` } })).status
    assert.equal(await getStatus(), 200)
    const pids = await findListenerPids()
    assert.ok(pids.length >= 2, 'one for each server')
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    try {
      // The channels become stale only after seconds: until then the API's cache is trusted.
      const form = new URLSearchParams({ token, client_id: dashboard.clientId })
      assert.equal((await fetch(`${origin}/oauth/revoke`, { method: 'POST', body: form })).status, 200)
      assert.equal(await getStatus(), 401)
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  })
})
