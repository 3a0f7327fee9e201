import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { browser, DASHBOARD, redeem, refresh, testProvider, userinfo } from './fixture.ts'
import { resourceServersOf } from './resource-servers.ts'
import { type StatementCounter, statementCounter } from './statement-counter.ts'

let counter: StatementCounter | undefined
const provider = await testProvider(
  { after },
  {
    through: async (url) => {
      counter = await statementCounter({ after }, url)
      return counter.url
    },
  },
)
const person = await provider.person()
const dashboard = DASHBOARD(provider.issuer)
const app = await provider.client(person)
const at = browser(provider, person)

async function countStatements<T>(work: () => Promise<T>): Promise<[number, T]> {
  const before = counter?.count() ?? 0
  const result = await work()
  return [(counter?.count() ?? 0) - before, result]
}

/** A statement costs a round trip and, if it writes, a commit: most of PostgreSQL's share of the latency. */
describe('the number of statements', () => {
  it('is two for a code, with and without a refresh token', async () => {
    await at.authorize(dashboard)
    for (const [client, scope] of [
      [dashboard, 'openid profile email'],
      [app, 'openid'],
    ] as const) {
      await at.authorize(client, { scope })
      const authorization = await at.authorize(client, { scope })
      const [count, { status }] = await countStatements(() => redeem(provider, client, authorization))
      assert.deepEqual([status, count], [200, 2])
    }
  })

  it('is two for a refresh', async () => {
    const { body } = await redeem(provider, dashboard, await at.authorize(dashboard))
    const [count, { status }] = await countStatements(() => refresh(provider, dashboard, body['refresh_token'] ?? ''))
    assert.deepEqual([status, count], [200, 2])
  })

  it('is fewer than two for a refresh under load: requests of the same turn are read by one statement', async () => {
    const redeemed = await Promise.all(
      Array.from({ length: 20 }, async () => redeem(provider, dashboard, await at.authorize(dashboard))),
    )
    const tokens = redeemed.map(({ body }) => body['refresh_token'] ?? '')
    const [count, refreshed] = await countStatements(() =>
      Promise.all(tokens.map((token) => refresh(provider, dashboard, token))),
    )
    assert.ok(refreshed.every(({ status }) => status === 200))
    assert.ok(count > tokens.length && count < 2 * tokens.length, String(count))
    assert.equal(new Set(refreshed.map(({ body }) => body['refresh_token'])).size, tokens.length)
  })

  it('is three for a repeated refresh: the token, its successor, both again under the lock of their grant', async () => {
    const { body } = await redeem(provider, dashboard, await at.authorize(dashboard))
    await refresh(provider, dashboard, body['refresh_token'] ?? '')
    const [count, { status }] = await countStatements(() => refresh(provider, dashboard, body['refresh_token'] ?? ''))
    assert.deepEqual([status, count], [200, 3])
  })

  it('is three for an authorization without pages: the session, the grant with its code, the session again', async () => {
    await at.authorize(dashboard)
    const [count] = await countStatements(() => at.authorize(dashboard))
    assert.equal(count, 3)
  })

  it('is none for a cached token', async () => {
    const { body } = await redeem(provider, dashboard, await at.authorize(dashboard))
    const token = body['access_token'] ?? ''
    await userinfo(provider, token)
    const [count, { status }] = await countStatements(() => userinfo(provider, token))
    assert.deepEqual([status, count], [200, 0])
  })

  it('is one for any number of requests with an unknown client', async () => {
    const [count] = await countStatements(async () => {
      for (let attempt = 0; attempt < 20; attempt++) {
        const { status } = await fetch(`${provider.issuer}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: 'app_not_there' }),
        })
        assert.equal(status, 401)
      }
    })
    assert.equal(count, 1)
  })

  it('is two for a code and a refresh of another API', async () => {
    const spa = await provider.client(person, { type: 'spa' })
    const { identifier } = await resourceServersOf(provider).create(person)
    const authorization = await at.authorize(spa, { scope: 'openid offline_access', resource: identifier })
    const [redeemed, { body }] = await countStatements(() => redeem(provider, spa, authorization))
    const fields = { resource: identifier }
    const [refreshed, { status }] = await countStatements(() =>
      refresh(provider, spa, body['refresh_token'] ?? '', fields),
    )
    assert.deepEqual([redeemed, refreshed, status], [2, 2, 200])
  })
})
