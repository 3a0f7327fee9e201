import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { authorize, dashboardOf, redeem } from './oauth-flow.ts'
import { credentialsIn, start, temporary } from './standalone.ts'

const dataDir = join(await temporary({ after }), '.data')
const { url, database } = await testDatabase()
const running = await start({ after }, { dataDir, env: { DATABASE_URL: url } })
await running.ready()
const { origin } = running
const { user } = await credentialsIn(dataDir)

/** The server's processes behind the invalidation channels. */
async function listeners(): Promise<number[]> {
  const rows = await database.$client<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen %'`
  return rows.map(({ pid }) => pid)
}

describe('a revocation at the provider', () => {
  it('is in effect at the API of the same process before it is answered, also while no notification arrives', async () => {
    const dashboard = dashboardOf(origin)
    const answer = await redeem(origin, dashboard, await authorize(origin, user, dashboard))
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const ask = async () =>
      (await fetch(`${origin}/users/me`, { headers: { authorization: `Bearer ${token}` } })).status
    assert.equal(await ask(), 200)
    const pids = await listeners()
    assert.ok(pids.length >= 2, 'one for each server')
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    try {
      // Before the channels count as stale, which takes seconds: the API's cache is still trusted.
      const form = new URLSearchParams({ token, client_id: dashboard.clientId })
      assert.equal((await fetch(`${origin}/oauth/revoke`, { method: 'POST', body: form })).status, 200)
      assert.equal(await ask(), 401)
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  })
})
