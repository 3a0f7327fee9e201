import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DaytonaAuth } from '../src/index.ts'
import { startApi } from './test-api.ts'

/** Every method that gives the whole of a list which the API answers in pages. */
const LISTS: Readonly<Record<string, (client: DaytonaAuth) => Promise<unknown>>> = {
  'apiKeys.list': (client) => client.apiKeys.list({ status: 'all' }),
  'apiKeys.all': async (client) => {
    const keys = []
    for await (const key of client.apiKeys.all()) keys.push(key)
    return keys
  },
  'invitations.list': (client) => client.invitations.list(),
  'oauthApps.list': (client) => client.oauthApps.list(),
  'resourceServers.list': (client) => client.resourceServers.list(),
  'organizations.list': (client) => client.organizations.list(),
  'organizations.invitations.list': (client) => client.organizations.invitations.list('org_1'),
  'organizations.members.list': (client) => client.organizations.members.list('org_1'),
  'organizations.members.keysStoppedByRemoval': (client) =>
    client.organizations.members.keysStoppedByRemoval('org_1', 'usr_1'),
  'organizations.appAccess.list': (client) => client.organizations.appAccess.list('org_1'),
  'organizations.appAccess.requests': (client) => client.organizations.appAccess.requests('org_1'),
  'organizations.domains.list': (client) => client.organizations.domains.list('org_1'),
  'organizations.roles.list': (client) => client.organizations.roles.list('org_1'),
  'registries.list': (client) => client.registries.list(),
  'users.authorizedApps.list': (client) => client.users.authorizedApps.list(),
  'users.sessions.list': (client) => client.users.sessions.list(),
  'volumes.list': (client) => client.volumes.list({ includeDeleted: 'true' }),
}

const link = (query: string) => ({ link: `</elsewhere>; rel="help", <${query}>; rel="next"` })

describe('a list', () => {
  for (const [name, list] of Object.entries(LISTS)) {
    it(`has what is on all pages: ${name}`, async (t) => {
      const { origin, received } = await startApi(
        t,
        { body: [{ id: 'a' }, { id: 'b' }], headers: link('?limit=2&cursor=one%2B') },
        // The path and the host of a link are not followed: the credential stays where it was.
        { body: [{ id: 'c' }], headers: link('https://other.example.test/x?limit=2&cursor=two') },
        { body: [{ id: 'd' }] },
      )
      const items = await list(new DaytonaAuth({ apiUrl: origin, apiKey: 'dta_x' }))
      assert.deepEqual(items, [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }])
      const urls = received.map(({ path }) => new URL(path, origin))
      assert.deepEqual(
        urls.map(({ searchParams }) => searchParams.get('cursor')),
        [null, 'one+', 'two'],
      )
      assert.equal(new Set(urls.map(({ pathname }) => pathname)).size, 1)
      if (name.endsWith('Removal')) {
        for (const { searchParams } of urls) assert.deepEqual(searchParams.getAll('dryRun'), ['true'])
      }
    })

    it(`is refused where one of its pages is: ${name}`, async (t) => {
      const denial = { statusCode: 400, message: 'Bad Request', error: 'cursor: is not of this list' }
      const { origin } = await startApi(t, { body: [], headers: link('?cursor=x') }, { status: 400, body: denial })
      const answer = list(new DaytonaAuth({ apiUrl: origin, apiKey: 'dta_x' }))
      await assert.rejects(answer, { name: 'DaytonaAuthError', statusCode: 400, error: denial.error })
    })
  }

  it('is read page by page by a caller that shows one at a time', async (t) => {
    const denial = { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' }
    const { origin, received } = await startApi(
      t,
      { body: [{ id: 'a' }], headers: link('?status=active&limit=1&cursor=one%2B') },
      { body: [{ id: 'b' }] },
      { status: 403, body: denial },
    )
    const client = new DaytonaAuth({ apiUrl: origin, apiKey: 'dta_x' })
    const query = { q: 'a b', sort: '-name', limit: 1 } as const
    const first = await client.apiKeys.page(query)
    assert.deepEqual(first, { items: [{ id: 'a' }], next: 'one+' })
    const second = await client.apiKeys.page({ ...query, cursor: 'one+' })
    assert.deepEqual(second, { items: [{ id: 'b' }], next: undefined })
    assert.equal(received[1]?.path, '/api-keys?q=a%20b&sort=-name&limit=1&cursor=one%2B')
    await assert.rejects(client.apiKeys.page(), { name: 'DaytonaAuthError', statusCode: 403 })
  })

  it('has the usage of all keys, of the span of the first page', async (t) => {
    const page = (id: string) => ({ from: 'f', to: 't', allowed: 3, denied: 1, items: [{ id }] })
    const { origin, received } = await startApi(
      t,
      { body: page('a'), headers: link('?to=t&limit=1000&cursor=x') },
      { body: page('b') },
    )
    const client = new DaytonaAuth({ apiUrl: origin, apiKey: 'dta_x' })
    const usage = await client.organizations.apiKeyUsage('org_1', { from: 'f' })
    assert.deepEqual(usage, { ...page('a'), items: [{ id: 'a' }, { id: 'b' }] })
    assert.equal(received[1]?.path, '/organizations/org_1/api-keys/usage?from=f&to=t&limit=1000&cursor=x')
  })
})
