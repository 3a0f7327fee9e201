import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { loadApiConfig, type RunningApi, startApi } from '@daytona-auth/api'
import { createUser } from '@daytona-auth/db/users'
import { hashPassword, loadProviderConfig, startProvider } from '@daytona-auth/oidc'
import { createLogger } from '@daytona-auth/service'
import { captureLog, freePort, type LogCapture, otlpCollector, testDatabase, waitFor } from '@daytona-auth/testing'
import { authorize, dashboardClient, redeemCode } from './oauth-flow.ts'

const PARENT = '00f067aa0ba902b7'
const PASSWORD = 'correct horse battery staple 7'
const ADA = { email: 'ada@example.com', password: PASSWORD }

const { url: databaseUrl, database } = await testDatabase({ after })
await createUser(
  database,
  { email: ADA.email, name: 'Ada Lovelace', passwordHash: await hashPassword(PASSWORD), emailVerified: true },
  { source: 'test' },
)

interface Installation {
  readonly origin: string
  readonly log: LogCapture
  close(): Promise<void>
}

/** Starts both servers as standalone does. `close` may be called more than once. */
async function startInstallation(env: Record<string, string>): Promise<Installation> {
  const log = captureLog()
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const shared = { DATABASE_URL: databaseUrl, ISSUER: origin, ...env }
  const provider = await startProvider(
    loadProviderConfig({
      ...shared,
      PORT: '0',
      TRUSTED_PROXIES: '127.0.0.1',
      SIGNING_KEYS_SECRET: 'signing keys secret of this test 1',
      COOKIE_KEYS: 'cookie key of this test and long enough',
    }),
    { logger: createLogger({ service: 'oidc', stream: log.stream }) },
  )
  const api: RunningApi = await startApi(
    loadApiConfig({ ...shared, PORT: String(port), PROVIDER_URL: `http://127.0.0.1:${provider.port}` }),
    { logger: createLogger({ service: 'api', stream: log.stream }) },
  )
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= api.close().then(() => provider.close())
    return closing
  }
  after(close)
  return { origin, log, close }
}

/** Creates a trace context for one request. */
function createTrace(): { readonly id: string; readonly headers: Record<string, string> } {
  const id = crypto.randomUUID().replaceAll('-', '')
  return { id, headers: { traceparent: `00-${id}-${PARENT}-01` } }
}

async function waitForLogLine({ log }: Installation, path: string) {
  return waitFor(() => log.lines().find((line) => line['path'] === path && 'durationMs' in line))
}

describe('traces', () => {
  it('lead from a request to the API and through the provider to the database, and contain no secret', async (t) => {
    const collector = await otlpCollector(t)
    const here = await startInstallation({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      TRUSTED_PROXIES: '127.0.0.1',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector',
    })
    const client = dashboardClient(here.origin, 'openid')
    const authorization = await authorize(here.origin, ADA, client)
    const { access_token: token = '' } = (await (await redeemCode(here.origin, client, authorization)).json()) as {
      access_token?: string
    }
    const [me, refused, forwarded, nowhere] = [createTrace(), createTrace(), createTrace(), createTrace()]
    const bearer = { authorization: `Bearer ${token}` }
    await fetch(`${here.origin}/users/me?q=a-query`, { headers: { ...me.headers, ...bearer } })
    await fetch(`${here.origin}/api-keys/a-name-that-does-not-exist`, { headers: { ...refused.headers, ...bearer } })
    await fetch(`${here.origin}/oauth/userinfo`, { headers: { ...forwarded.headers, ...bearer } })
    await fetch(`${here.origin}/nowhere/a-path`, nowhere)
    await fetch(`${here.origin}/organizations`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a-name-that-was-given' }),
    })
    await fetch(`${here.origin}/health/ready`)
    assert.equal((await waitForLogLine(here, '/users/me'))['traceId'], me.id)
    await here.close()

    /** The spans of a trace as `service name status (children…)`, sorted. */
    const tree = (traceId: string, parent: string): string[] =>
      collector.spans
        .filter((span) => span.traceId === traceId && span.parentSpanId === parent)
        .map(({ service, name, status, spanId }) =>
          [service, name, status, ...tree(traceId, spanId).map((child) => `(${child})`)].join(' '),
        )
        .sort()
    assert.deepEqual(tree(me.id, PARENT), ['daytona-auth-api GET /users/me 0 (daytona-auth-api postgresql SELECT 0)'])
    assert.deepEqual(tree(refused.id, PARENT), [
      'daytona-auth-api GET /api-keys/:name 0 (daytona-auth-api postgresql SELECT 0)',
    ])
    assert.deepEqual(tree(forwarded.id, PARENT), [
      'daytona-auth-api GET /oauth/* 0 (daytona-auth-oidc GET /oauth/userinfo 0 (daytona-auth-oidc postgresql SELECT 0))',
    ])
    assert.deepEqual(tree(nowhere.id, PARENT), ['daytona-auth-api GET 0'])

    const names = new Set(collector.spans.map(({ name }) => name))
    assert.ok(names.has('POST /oauth/interaction/:uid/sign-in') && names.has('postgresql TRANSACTION'))
    assert.ok(![...names].some((name) => name.includes('health')))
    assert.equal(collector.headers()['authorization'], 'Bearer of-the-collector')
    assert.deepEqual(
      collector.spans.flatMap(({ attributes }) => Object.keys(attributes)).filter((key) => !ATTRIBUTES.has(key)),
      [],
    )
    const secrets = [PASSWORD, ADA.email, token, authorization.code, authorization.verifier, 'a-query', 'a-path', 'Ada']
    for (const text of [...secrets, 'a-name-that', '127.0.0.1', 'of-the-collector', 'eyJ']) {
      assert.ok(!collector.text().includes(text), text.slice(0, 6))
    }
  })

  it('are not continued for an untrusted peer, on either server', async (t) => {
    const collector = await otlpCollector(t)
    const here = await startInstallation({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const given = createTrace()
    await fetch(`${here.origin}/oauth/userinfo`, given)
    const { traceId } = await waitForLogLine(here, '/oauth/userinfo')
    assert.match(String(traceId), /^[0-9a-f]{32}$/)
    await here.close()
    const asked = collector.spans.filter(({ name }) => /userinfo|oauth/.test(name))
    assert.deepEqual(asked.map(({ service }) => service).sort(), ['daytona-auth-api', 'daytona-auth-oidc'])
    for (const span of asked) assert.equal(span.traceId, traceId)
    assert.ok(!collector.text().includes(given.id))
  })

  it('are sampled at the configured ratio, and logged in any case', async (t) => {
    const collector = await otlpCollector(t)
    const here = await startInstallation({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' })
    await fetch(`${here.origin}/users/me`)
    assert.match(String((await waitForLogLine(here, '/users/me'))['traceId']), /^[0-9a-f]{32}$/)
    // Refused before a route is found and a span begins.
    assert.equal((await fetch(`${here.origin}/%zz`)).status, 400)
    await here.close()
    assert.deepEqual(collector.spans, [])
  })

  it('delay no request and no shutdown if the collector does not answer or is gone', async (t) => {
    const [silent, gone] = await Promise.all([otlpCollector(t), otlpCollector(t)])
    silent.hang()
    gone.close()
    await Promise.all(
      [silent, gone].map(async ({ url, spans }) => {
        const here = await startInstallation({ OTEL_EXPORTER_OTLP_ENDPOINT: url })
        for (let round = 0; round < 20; round += 1) {
          const response = await fetch(`${here.origin}/users/me`)
          assert.equal(response.status, 401)
          await response.body?.cancel()
        }
        await here.close()
        assert.deepEqual(spans, [])
      }),
    )
  })
})

const ATTRIBUTES = new Set([
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'daytona.request.id',
  'db.system.name',
  'db.operation.name',
])
