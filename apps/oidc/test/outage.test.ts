import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { freePort, scrape, type TcpProxy, tcpProxy, waitFor } from '@daytona-auth/testing'
import { browser, post, redeem, refresh, testProvider, userinfo } from './fixture.ts'

const metricsPort = await freePort()
let network: TcpProxy | undefined
const provider = await testProvider(
  { after },
  {
    // Short, because each request waits for it; longer than a sign-in takes on a loaded machine.
    env: { HANDLER_TIMEOUT: '3s', METRICS_PORT: String(metricsPort) },
    through: async (url) => {
      network = await tcpProxy({ after }, url)
      return network.url
    },
  },
)
const person = await provider.person()
const app = await provider.client(person)
const at = browser(provider, person)

describe('while the database is unavailable', () => {
  it('protocol endpoints answer temporarily_unavailable within a bounded time, and recover without a restart', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid offline_access' }))
    network?.refuse()

    const { status, headers, body: refused } = await refresh(provider, app, body['refresh_token'] ?? '')
    assert.deepEqual([status, headers.get('retry-after')], [503, '1'])
    assert.deepEqual(refused, { error: 'temporarily_unavailable', error_description: 'try again in a moment' })

    const { answer } = await at.attempt(app)
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1'])
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.equal((await fetch(`${provider.issuer}/.well-known/jwks.json`)).status, 200)
    assert.equal((await fetch(`${provider.issuer}/health`)).status, 200)

    // A cached token is trusted while no notification can have been missed; after that it is 503, never 401.
    const unsure = await waitFor(async () => {
      const response = await userinfo(provider, body['access_token'] ?? '')
      return response.status === 200 ? undefined : response
    })
    assert.equal(unsure.status, 503)
    assert.equal(((await unsure.json()) as { error: string }).error, 'temporarily_unavailable')
    // An unknown signing key is refused with 401 as well only while none can have been added unnoticed.
    const [, ...rest] = (body['access_token'] ?? '').split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'unknown' })).toString('base64url')
    await waitFor(async () => (await userinfo(provider, [header, ...rest].join('.'))).status === 503)
    const introspected = await post(provider, '/oauth/introspect', app, { token: body['access_token'] ?? '' })
    assert.deepEqual([introspected.status, introspected.headers.get('retry-after')], [503, '1'])

    network?.pass()
    const back = await waitFor(async () => {
      const answered = await refresh(provider, app, body['refresh_token'] ?? '')
      return answered.status === 200 ? answered : undefined
    })
    // The verification has connections of its own, which are opened again separately.
    await waitFor(async () => (await userinfo(provider, back.body['access_token'] ?? '')).status === 200)
  })

  it('denials for lack of a fresh channel are counted', async (t) => {
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid' }))
    const readMetrics = async () => {
      const { value } = await scrape(metricsPort)
      return (name: string) => value(`${name}{service="oidc"}`) ?? 0
    }
    // Earlier outages were counted too.
    const denialsBefore = (await readMetrics())('auth_stale_refusals_total')
    network?.refuse()
    t.after(() => network?.pass())
    // A connection that is lost again before its first heartbeat makes the age infinite, and the channel stale at once.
    const read = await waitFor(async () => {
      await userinfo(provider, body['access_token'] ?? '')
      const of = await readMetrics()
      return of('auth_stale_refusals_total') > denialsBefore && of('auth_heartbeat_age_seconds') > 3 && of
    })
    assert.ok(read('auth_invalidation_losses_total') >= 1)
    assert.ok(read('oauth_server_errors_total') >= 1)
  })
})
