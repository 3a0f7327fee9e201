import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type ClientDenial, listClientDenials } from '@daytona-auth/db/clients'
import { waitFor } from '@daytona-auth/testing'
import { post, type TestClient, testProvider } from './fixture.ts'

const provider = await testProvider({ after }, { env: { TRUSTED_PROXIES: '127.0.0.1' } })
const person = await provider.person()

/** Sends an authorization request with other parameters, from an address. */
async function authorize(client: TestClient, parameters: Record<string, string>, address: string): Promise<number> {
  const url = new URL('/oauth/authorize', provider.url)
  url.search = new URLSearchParams({
    client_id: client.clientId,
    response_type: 'code',
    redirect_uri: client.redirectUri,
    scope: 'openid',
    ...parameters,
  }).toString()
  const { status, body } = await fetch(url, { redirect: 'manual', headers: { 'x-forwarded-for': address } })
  await body?.cancel()
  return status
}

/** Waits for the counts of a client, by reason and URI. */
const countsOf = (client: TestClient, isComplete: (found: readonly ClientDenial[]) => boolean) =>
  waitFor(async () => {
    const found = await listClientDenials(provider.database, person.organizationId, client.clientId)
    if (!isComplete(found)) return undefined
    return Object.fromEntries(found.map(({ reason, redirectUri, count }) => [`${reason} ${redirectUri}`.trim(), count]))
  })

describe('refused requests of a client', () => {
  it('are counted by reason, with the redirect URI that was sent and without its secrets', async () => {
    const client = await provider.client(person)
    const sent = 'https://ada:password@other.example.test/cb?token=topsecret#topsecret'
    for (let times = 0; times < 2; times += 1) {
      assert.equal(await authorize(client, { redirect_uri: sent }, '192.0.2.1'), 400)
    }
    await authorize(client, { response_type: 'nothing' }, '192.0.2.1')
    await post(provider, '/oauth/token', { ...client, secret: 'wrong' }, { grant_type: 'client_credentials' })
    await post(provider, '/oauth/token', client, {
      grant_type: 'authorization_code',
      code: 'none',
      redirect_uri: client.redirectUri,
    })
    assert.deepEqual(await countsOf(client, (found) => found.length >= 4), {
      'invalid_redirect_uri https://other.example.test/cb': 2,
      unsupported_response_type: 1,
      invalid_client: 1,
      invalid_grant: 1,
    })
    const stored = await provider.database
      .$client`SELECT row_to_json(denial)::text AS row FROM oidc_client_denials denial`
    assert.ok(!/password|topsecret|wrong/.test(JSON.stringify([...stored])))
    assert.doesNotMatch(provider.log.text(), /topsecret/)
  })

  it('are not counted for decisions of people, unknown clients and first-party ones', async () => {
    const client = await provider.client(person)
    await authorize(client, { prompt: 'none' }, '192.0.2.2')
    const unknown = { ...client, clientId: 'app_unknown' }
    const dashboard = { ...client, clientId: 'daytona-dashboard' }
    for (const one of [unknown, dashboard])
      await authorize(one, { redirect_uri: 'https://other.example.test/' }, '192.0.2.2')
    await authorize(client, { redirect_uri: 'https://last.example.test/' }, '192.0.2.2')
    assert.deepEqual(await countsOf(client, (found) => found.length > 0), {
      'invalid_redirect_uri https://last.example.test/': 1,
    })
    const others = await provider.database.$client`SELECT FROM oidc_client_denials WHERE client_id <> ${client.clientId}
      AND redirect_uri = 'https://other.example.test/'`
    assert.equal(others.length, 0)
  })

  it('of one address are counted 30 times a minute, and never keep others from being counted', async () => {
    const client = await provider.client(person)
    for (let times = 0; times < 40; times += 1) {
      await authorize(client, { redirect_uri: `https://${times % 2}.example.test/` }, '192.0.2.3')
    }
    await authorize(client, { redirect_uri: 'https://developer.example.test/' }, '192.0.2.4')
    const counts = await countsOf(client, (found) =>
      found.some(({ redirectUri }) => redirectUri === 'https://developer.example.test/'),
    )
    assert.deepEqual(counts, {
      'invalid_redirect_uri https://0.example.test/': 15,
      'invalid_redirect_uri https://1.example.test/': 15,
      'invalid_redirect_uri https://developer.example.test/': 1,
    })
  })
})
