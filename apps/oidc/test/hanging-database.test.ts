import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type TcpProxy, tcpProxy } from '@daytona-auth/testing'
import { ROUTES } from '../src/provider/configuration/endpoint-paths.ts'
import { CLI, DEVICE_CODE, testProvider } from './fixture.ts'

/** What a request may take on a database that does not answer, and what a busy machine adds. */
const BOUND_MS = 6000
const SLACK_MS = 4000

let network: TcpProxy | undefined
const provider = await testProvider(
  { after },
  {
    through: async (url) => {
      network = await tcpProxy({ after }, url)
      return network.url
    },
  },
)
const app = await provider.client(await provider.person())
const form = (members: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(members) })
const own = { client_id: app.clientId, client_secret: app.secret ?? '' }

/** For each endpoint of the protocol, requests that need the database. Keys alone do not. */
const REQUESTS: Partial<Record<keyof typeof ROUTES, [query: string, init: RequestInit][]>> = {
  token: [
    ['', form({ ...own, grant_type: 'refresh_token', refresh_token: 'x'.repeat(43) })],
    ['', form({ client_id: CLI.clientId, grant_type: DEVICE_CODE, device_code: 'x'.repeat(43) })],
  ],
  revocation: [['', form({ ...own, token: 'x'.repeat(43) })]],
  introspection: [['', form({ ...own, token: 'x'.repeat(43) })]],
  device_authorization: [['', form({ client_id: CLI.clientId, scope: 'openid' })]],
  authorization: [[`?client_id=${app.clientId}&response_type=code&scope=openid`, {}]],
}

describe('a database that hangs', () => {
  for (const [name, requests] of Object.entries(REQUESTS)) {
    it(`is answered 503 within ${BOUND_MS} ms: ${name}`, async (t) => {
      network?.stall()
      t.after(() => network?.pass())
      const answers = await Promise.all(
        requests.map(async ([query, init]) => {
          const askedAt = performance.now()
          const url = provider.issuer + ROUTES[name as keyof typeof ROUTES] + query
          const { status, headers } = await fetch(url, { ...init, redirect: 'manual' })
          return { status, retryAfter: headers.get('retry-after'), tookMs: performance.now() - askedAt }
        }),
      )
      for (const { status, retryAfter, tookMs } of answers) {
        assert.equal(status, 503)
        assert.ok(retryAfter)
        assert.ok(tookMs < BOUND_MS + SLACK_MS, `${tookMs} ms`)
      }
    })
  }
})
