import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { visitor } from './browser/visitor.ts'
import { authorizationPath, browser, testProvider } from './fixture.ts'

const LIMIT = 20
const provider = await testProvider(
  { after },
  {
    env: {
      ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: String(LIMIT),
      TRUSTED_PROXIES: '127.0.0.1',
      INTERACTION_TTL: '10m',
    },
  },
)
const { database, issuer } = provider
const sql = database.$client
const person = await provider.person()
const app = await provider.client(person)
const MINUTES = 10

const authorization = authorizationPath(app)
const PAGES = ['/oauth/device', '/oauth/logout', authorization]

/** Sends a request of a browser without cookies, behind a proxy that forwards its address. */
const visit = (path: string, address: string) =>
  fetch(`${issuer}${path}`, { redirect: 'manual', headers: { accept: 'text/html', 'x-forwarded-for': address } })

const anonymousRows = () => sql<{ model: string; minutes: number }[]>`
  SELECT model, (extract(epoch FROM expires_at - now()) / 60)::float8 AS minutes
  FROM oidc_artifacts WHERE account_id IS NULL AND model IN ('Session', 'Interaction')`

describe('a browser without a signed-in user', () => {
  it('has state stored for minutes only, and for each address up to a limit', async () => {
    for (const [index, path] of PAGES.entries()) {
      await sql`DELETE FROM oidc_artifacts`
      const address = `192.0.2.${index + 1}`
      const statuses: number[] = []
      for (let count = 0; count < LIMIT + 10; count++) statuses.push((await visit(path, address)).status)
      assert.ok(
        statuses.slice(0, LIMIT).every((status) => status < 400),
        `${path}: ${statuses}`,
      )
      assert.deepEqual(statuses.slice(LIMIT), Array(10).fill(429), path)
      const rows = await anonymousRows()
      assert.ok(rows.length <= LIMIT, `${path} left ${rows.length} rows`)
      for (const { model, minutes } of rows) assert.ok(minutes <= MINUTES, `${path} left a ${model} for ${minutes} min`)
      const refused = await visit(path, address)
      assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
      assert.match(await refused.text(), /Too many attempts/)
      assert.ok((await visit(path, '192.0.2.99')).status < 400, 'another address')
    }
  })

  it('counts towards the limit only until a user signs in; its session then has the full lifetime', async () => {
    for (let count = 0; count < LIMIT + 5; count++) {
      const { callback } = await browser(provider, person).authorize(app)
      assert.ok(callback.searchParams.get('code'))
    }
    const sessions = await sql`
      SELECT extract(epoch FROM expires_at - now())::float8 AS seconds
      FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`
    assert.equal(sessions.length, LIMIT + 5)
    for (const { seconds } of sessions) assert.ok(seconds > 24 * 3600)
  })

  it('is not counted if its request is refused', async () => {
    const { location } = await visitor(issuer).get(`${authorization}&prompt=none`)
    assert.equal(location?.searchParams.get('error'), 'login_required')
    const before = (await anonymousRows()).length
    for (let count = 0; count < LIMIT + 5; count++) {
      assert.equal((await visit(`${authorization}&prompt=none`, '192.0.2.50')).status, 303)
    }
    assert.equal((await anonymousRows()).length, before)
  })
})
