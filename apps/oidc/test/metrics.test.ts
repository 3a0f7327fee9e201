import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort, type Scrape, scrape, waitFor } from '@daytona-auth/testing'
import { authorizationRequest, inputOf } from './browser/visitor.ts'
import { browser, DASHBOARD, post, redeem, refresh, testProvider, userinfo } from './fixture.ts'

const metricsPort = await freePort()
const provider = await testProvider(
  { after },
  { env: { METRICS_PORT: String(metricsPort), REDIS_URL: 'redis://127.0.0.1:1', REFRESH_REUSE_GRACE: '0ms' } },
)
const person = await provider.person('Ada Lovelace')
const app = await provider.client(person)
const dashboard = DASHBOARD(provider.issuer)

/** The contract with those who scrape: alert rules and the dashboard are tested against it. */
const {
  both,
  oidc,
}: Record<string, Record<string, string[]>> = JSON.parse(
  await readFile(join(import.meta.dirname, '../../../docker/monitoring/metrics.json'), 'utf8'),
)
const METRICS = { ...both, ...oidc }

describe('the metrics of the provider', () => {
  const secrets: string[] = []
  let metrics: Scrape
  before(async () => {
    await failToSignIn()
    const at = browser(provider, person)
    const authorization = await at.authorize(app, { scope: 'openid offline_access' })
    const { body } = await redeem(provider, app, authorization)
    const access = body['access_token'] ?? ''
    const token = body['refresh_token'] ?? ''
    secrets.push(authorization.code, authorization.verifier, access, token, app.secret ?? 'none')
    await userinfo(provider, access)
    assert.equal((await refresh(provider, app, token)).status, 200)
    assert.equal((await refresh(provider, app, token)).status, 400)
    await redeem(provider, dashboard, await at.authorize(dashboard, { scope: 'openid' }))
    const replayed = await at.authorize(app)
    await redeem(provider, app, replayed)
    assert.equal((await redeem(provider, app, replayed)).status, 400)
    await post(provider, '/oauth/token', app, { grant_type: 'made up' })
    metrics = await waitFor(async () => {
      const read = await scrape(metricsPort)
      return read.value('auth_invalidation_lag_seconds_count{service="oidc"}') ? read : undefined
    })
  })

  async function failToSignIn() {
    const { visitor } = browser(provider, person)
    const { url } = authorizationRequest(provider.issuer, {
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
    })
    const { location } = await visitor.get(url)
    assert.ok(location)
    const page = await visitor.get(location)
    const { status } = await visitor.post(`${location.pathname}/sign-in`, {
      csrf: inputOf(page, 'csrf'),
      email: person.email,
      password: 'not the password',
    })
    assert.equal(status, 400)
  }

  it('are exactly these, so that none is removed unnoticed', () => {
    assert.deepEqual(metrics.names, Object.keys(METRICS).sort())
    // A metric without a series yet shows no labels.
    for (const name of metrics.names) assert.deepEqual(metrics.labelsOf(name) ?? METRICS[name], METRICS[name], name)
  })

  it('count sign-ins, issued tokens and replayed credentials', () => {
    const read = (start: string) => metrics.value(`${start}${start.endsWith('{') ? '' : ','}service="oidc"}`)
    assert.equal(read('sign_ins_total{result="wrong"'), 1)
    assert.equal(read('sign_ins_total{result="signed_in"'), 1)
    assert.equal(read('password_hashing_seconds_count{'), 2)
    assert.equal(read('password_hashing_refusals_total{'), 0)
    assert.equal(read('password_hashing_passwords{state="waiting"'), 0)
    assert.equal(read('oauth_authorizations_total{result="granted"'), 3)
    assert.equal(read('oauth_token_responses_total{grant_type="authorization_code",client="web"'), 2)
    assert.equal(read('oauth_token_responses_total{grant_type="authorization_code",client="first_party"'), 1)
    assert.equal(read('oauth_token_responses_total{grant_type="refresh_token",client="web"'), 1)
    assert.equal(read('oauth_token_refusals_total{grant_type="other",error="unsupported_grant_type"'), 1)
    assert.equal(read('oauth_replays_total{credential="refresh_token"'), 1)
    assert.equal(read('oauth_replays_total{credential="code"'), 1)
    assert.equal(read('oauth_grants_ended_total{reason="refresh_token_reused"'), 1)
    assert.equal(read('oauth_grants_ended_total{reason="code_replayed"'), 1)
    assert.equal(read('oauth_server_errors_total{'), 0)
    assert.equal(read('auth_verifications_total{credential="token",result="accepted",source="miss"'), 1)
  })

  it('contain no person, no path and no secret', () => {
    const { userId, organizationId, email } = person
    const named = [userId, organizationId, email, app.clientId, app.redirectUri, 'made up', 'Ada', '127.0.0.1', 'eyJ']
    for (const text of [...secrets, ...named]) assert.ok(!metrics.text.includes(text), text.slice(0, 6))
  })
})
