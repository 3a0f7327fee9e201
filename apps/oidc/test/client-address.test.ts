import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { arrive, authorizationRequest, send, visitor } from './browser/visitor.ts'
import { testProvider } from './fixture.ts'

const REDIRECT = 'https://cobalt.example/callback'
const provider = await testProvider({ after }, { env: { TRUSTED_PROXIES: '127.0.0.0/8', FAILED_SIGN_INS_LIMIT: '3' } })
const person = await provider.person()
const { clientId } = await provider.client(person, { type: 'spa', redirectUris: [REDIRECT] })

describe('sign-ins behind a proxy that appends ports', () => {
  it('count for one address, and are recorded without a port in the audit trail', async () => {
    const visit = visitor(provider.issuer)
    const page = await arrive(
      visit,
      authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT }),
    )
    const [start] = /^\/oauth\/interaction\/[^/]+/.exec(page.url.pathname) ?? []
    const csrf = /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? ''
    const statuses: number[] = []
    for (let connection = 0; connection < 8; connection++) {
      const headers = { 'x-forwarded-for': `203.0.113.8:${40_000 + connection}` }
      const fields = { csrf, email: person.email, password: 'wrong' }
      statuses.push((await visit.post(`${start}/sign-in`, fields, headers)).status)
    }
    assert.deepEqual(statuses, [400, 400, 400, 429, 429, 429, 429, 429])
    const sql = provider.database.$client
    const addresses = async () =>
      (await sql`SELECT ip_address FROM audit_events WHERE action = 'user.sign_in' AND status_code = 401`).map(
        (row) => row['ip_address'],
      )
    assert.ok(await send(visit, page, 'cancel', {}))
    assert.deepEqual(new Set(await addresses()), new Set(['203.0.113.8']))
  })
})
