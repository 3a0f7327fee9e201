import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { CADDYFILE, type RunningProxy, startProxy } from '../try/proxy.ts'

const hasCaddy = spawnSync('caddy', ['version']).status === 0

describe('proxy/Caddyfile', { skip: !hasCaddy && 'caddy is not installed' }, () => {
  const tidyUps: (() => unknown)[] = []
  const suite = { after: (tidyUp: () => unknown) => void tidyUps.unshift(tidyUp) }
  let proxy: RunningProxy

  before(async () => {
    const [provider, api] = [await upstream('oidc'), await upstream('api')]
    const hosts = { PROVIDER_HOST: '127.0.0.1', API_HOST: '127.0.0.1' }
    proxy = await startProxy(suite, { ...hosts, PROVIDER_PORT: String(provider), API_PORT: String(api) })
  })
  after(async () => {
    for (const tidyUp of tidyUps) await tidyUp()
  })

  it('is valid, also for a public name', () => {
    const env = { ...process.env, SITE: 'auth.example.com' }
    execFileSync('caddy', ['validate', '--config', CADDYFILE, '--adapter', 'caddyfile'], { env, stdio: 'pipe' })
  })

  for (const [path, expected] of [
    ['/', 'api'],
    ['/oauth/authorize?client_id=x', 'oidc'],
    ['/oauth/', 'oidc'],
    ['/oauth', 'api'],
    ['/oauth-apps', 'api'],
    ['/.well-known/openid-configuration', 'oidc'],
    ['/.well-known/oauth-authorization-server', 'oidc'],
    ['/.well-known/jwks.json', 'oidc'],
    ['/.well-known/jwks.json/more', 'api'],
    ['/.well-known/oauth-protected-resource', 'api'],
    ['/api/oauth/authorize', 'api'],
    ['/api-keys', 'api'],
    ['/health', 'api'],
  ] as const) {
    it(`sends ${path} to ${expected}`, async () => {
      assert.equal((await ask(path)).name, expected)
    })
  }

  it('overwrites the headers of the client address, host, scheme, request id and trace', async () => {
    const { headers } = await ask('/users/me', {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'gopher',
      'x-request-id': 'mine',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'mine=1',
    })
    assert.equal(headers['traceparent'], undefined)
    assert.equal(headers['tracestate'], undefined)
    assert.match(String(headers['x-forwarded-for']), /^(?:127\.0\.0\.1|::1)$/)
    assert.equal(headers['x-forwarded-host'], new URL(proxy.origin).host)
    assert.equal(headers['x-forwarded-proto'], 'http')
    assert.equal(headers['host'], new URL(proxy.origin).host)
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  })

  it('sends no Server header', async () => {
    const response = await fetch(`${proxy.origin}/health`)
    await response.body?.cancel()
    assert.equal(response.headers.get('server'), null)
  })

  it('logs neither the query nor the headers of a failed request', async () => {
    // Not a GET, which Caddy would retry.
    const response = await fetch(`${proxy.origin}/oauth/broken?code=very-secret-code`, {
      method: 'POST',
      headers: { authorization: 'Bearer very-secret-token' },
    })
    assert.equal(response.status, 502)
    assert.match(proxy.log(), /"uri":"\/oauth\/broken\?\.\.\."/)
    assert.doesNotMatch(proxy.log(), /very-secret/)
  })

  async function ask(path: string, headers = {}): Promise<{ name: string; headers: IncomingHttpHeaders }> {
    // Not fetch, which normalizes the path.
    const asked = request(`${proxy.origin}${path}`, { headers, path }).end()
    const [response] = await once(asked, 'response')
    return JSON.parse((await response.toArray()).join(''))
  }

  async function upstream(name: string): Promise<number> {
    const server = createServer((req, res) => {
      if (req.url?.startsWith('/oauth/broken')) req.socket.destroy()
      else res.end(JSON.stringify({ name, headers: req.headers }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    suite.after(() => server.close())
    return (server.address() as AddressInfo).port // it listens on TCP
  }
})
