import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { bundleServer } from '@daytona-auth/service/bundle'
import { freePort, otlpCollector, redisMissing, redisServer, waitFor } from '@daytona-auth/testing'
import { bundle } from '../build.ts'
import { authorizationRequest } from './browser/visitor.ts'
import { DASHBOARD, testProvider } from './fixture.ts'

describe('the bundle', () => {
  it('behaves like the source', async (t) => {
    const { databaseUrl, secrets } = await testProvider(t)
    // In the app's directory, where its native addon is found.
    const dist = join(import.meta.dirname, '..', 'dist', 'test')
    await bundleServer(join(import.meta.dirname, '..'), { ...bundle, dist })

    // The Redis client is a separate file, loaded on demand.
    const redis = redisMissing() ? undefined : await redisServer(t)
    // So is the trace exporter.
    const collector = await otlpCollector(t)
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}`
    const child = spawn(process.execPath, [join(dist, 'main.js')], {
      stdio: 'ignore',
      env: {
        DATABASE_URL: databaseUrl,
        ISSUER: issuer,
        PORT: String(port),
        SIGNING_KEYS_SECRET: secrets.signingKeys,
        COOKIE_KEYS: secrets.cookies,
        REDIS_URL: redis?.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    })
    const exited = once(child, 'exit')
    after(() => child.kill('SIGKILL'))
    await waitFor(async () => (await fetch(`${issuer}/health/ready`)).ok, 20_000)

    if (redis) await waitFor(async () => (await redis.ask('CLIENT LIST')).includes('name=daytona-auth '))

    const { clientId, redirectUri } = DASHBOARD(issuer)
    const { url } = authorizationRequest(issuer, { client_id: clientId, redirect_uri: redirectUri })
    const started = await fetch(url, { redirect: 'manual' })
    assert.equal(started.status, 303)
    const cookie = started.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    const page = await fetch(new URL(started.headers.get('location') ?? '', issuer), { headers: { cookie } })
    assert.equal(page.status, 200)
    const html = await page.text()
    assert.match(html, /name="password"/)

    // Passwords are checked in a separate file, too.
    const csrf = /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? ''
    const refused = await fetch(`${page.url}/sign-up`, {
      method: 'POST',
      headers: { cookie, origin: issuer },
      body: new URLSearchParams({ csrf, name: 'Ada', email: 'ada@example.com', password: 'password1234' }),
    })
    assert.deepEqual([refused.status, /too easy to guess/.test(await refused.text())], [400, true])

    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
    const names = collector.spans.map(({ name }) => name)
    assert.ok(names.includes('GET /oauth/authorize') && names.includes('postgresql SELECT'), names.join())
  })
})
