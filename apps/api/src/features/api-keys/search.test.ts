import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { KEY_PREFIX, maskKey } from '@daytona-auth/protocol/api-key-format'
import { errorBody, FORBIDDEN, type TestKey, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after })
const sql = database.$client
const ada = await person('Ada Lovelace')
const bob = await person('Bob')
const organization = await ada.organization()
await bob.join(organization, ['read:sandboxes', 'write:sandboxes', 'read:volumes'])
const { value: owner } = await ada.token()
const { value: member } = await bob.token()

const DAY_MS = 24 * 60 * 60 * 1000
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)

// Its last characters, 9qPv, are in no name or address, as random ones may be.
const entropy = new Uint8Array(32).fill(8)
const ci = await ada.key(organization, ['read:sandboxes'], { name: 'CI deploy', expiresAt: inDays(3), entropy })
const admin = await ada.key(organization, ['admin:organization'], {
  name: 'Break-glass 100%',
  expiresAt: inDays(400),
  createdAt: inDays(-91),
})
const nightly = await bob.key(organization, ['write:sandboxes'], { name: 'nightly deploy', createdAt: inDays(-90.5) })
const reader = await bob.key(organization, ['read:volumes'], {
  name: 'Éclair',
  expiresAt: inDays(6),
  createdAt: inDays(-89),
})
const expired = await bob.key(organization, ['read:volumes'], { name: 'over', expiresAt: inDays(-1) })
const revoked = await ada.key(organization, ['read:volumes'], { name: 'taken back' })
await sql`UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id = ${revoked.id}`
// Elsewhere: in no result below.
const elsewhere = await ada.organization()
await ada.key(elsewhere, ['admin:organization'], { name: 'CI deploy elsewhere', expiresAt: inDays(1) })

const ago = (days: number) => inDays(-days).toISOString()
const use = ({ id }: TestKey, days: number) =>
  sql`UPDATE api_key_secrets SET last_used_at = ${ago(days)} WHERE key_id = ${id}`
await use(ci, 1)
await use(nightly, 100)
await use(reader, 100)

const search = (query: string, credential = owner) => request('GET', `/api-keys?${query}`, credential, { organization })
const found = async (query: string, credential = owner) => {
  const { status, body, text } = await search(query, credential)
  assert.equal(status, 200, text)
  return (body as { name: string }[]).map(({ name }) => name)
}
const q = (text: string) => `q=${encodeURIComponent(text)}`

const ALL = [ci.name, reader.name, nightly.name, admin.name]

describe('a search of API keys', () => {
  it('refuses a whole key, which belongs into no URL, and does not repeat it', async () => {
    const { key } = mintKey()
    for (const text of [key, `deploy ${key}`]) {
      const { status, body, text: sent } = await search(q(text))
      const message = 'must not be an API key: search for its last 4 characters'
      assert.equal(status, 400)
      assert.deepEqual(body, {
        ...errorBody(400, 'Bad Request', `q: ${message}`),
        details: [{ path: 'q', message }],
      })
      assert.ok(!sent.includes(key))
    }
  })

  it('refuses too many words, control characters, and unknown values', async () => {
    const refused = {
      [q('a b c d e f g h i')]: 'q',
      [q('x'.repeat(257))]: 'q',
      'q=a%00b': 'q',
      'status=gone': 'status',
      'permission=fly': 'permission',
      'sort=owner': 'sort',
      'sort=--name': 'sort',
    }
    for (const [query, path] of Object.entries(refused)) {
      const { status, body } = await search(query)
      assert.equal(status, 400, query)
      assert.equal((body as { details: { path: string }[] }).details[0]?.path, path)
    }
  })

  it('refuses a member who asks for another user’s keys, and shows them only their own', async () => {
    assert.deepEqual((await search(`userId=${ada.userId}`, member)).body, FORBIDDEN)
    assert.deepEqual((await search('userId=usr_unknown', member)).body, FORBIDDEN)
    assert.deepEqual(await found(q('deploy'), member), ['nightly deploy'])
    // No hexadecimal digits, of which random addresses consist.
    assert.deepEqual(await found(q('lovelace'), member), [])
    assert.deepEqual(await found(`userId=${bob.userId}`, member), ['Éclair', 'nightly deploy'])
  })

  it('has only keys of the organization', async () => {
    assert.deepEqual(await found('sort=-createdAt&status=active'), ALL)
    assert.deepEqual(await found(q('elsewhere')), [])
  })

  it('finds a part of the name in any case, with signs as they are', async () => {
    assert.deepEqual(await found(q('DEPLOY')), ['CI deploy', 'nightly deploy'])
    assert.deepEqual(await found(q('ÉCL')), ['Éclair'])
    assert.deepEqual(await found(q('100%')), ['Break-glass 100%'])
    assert.deepEqual(await found(q('break_glass')), [])
    assert.deepEqual(await found(q('%')), ['Break-glass 100%'])
    assert.deepEqual(await found(q('  ')), ALL)
  })

  it('requires every word, each in any member', async () => {
    assert.deepEqual(await found(q('deploy nightly')), ['nightly deploy'])
    assert.deepEqual(await found(q('deploy lovelace')), ['CI deploy'])
    assert.deepEqual(await found(q('deploy volumes')), [])
  })

  it('finds the owner by name and address', async () => {
    assert.deepEqual(await found(q('lovelace')), ['CI deploy', 'Break-glass 100%'])
    assert.deepEqual(await found(q(bob.email.toUpperCase())), ['Éclair', 'nightly deploy'])
  })

  it('finds a permission by a part of its name', async () => {
    assert.deepEqual(await found(q('sandboxes')), ['CI deploy', 'nightly deploy'])
    assert.deepEqual(await found(q('admin:organization')), ['Break-glass 100%'])
  })

  it('finds the last four characters, and a masked key in the forms that people copy', async () => {
    const hint = maskKey(ci.value)
    const [start, end] = [hint.slice(0, 8), hint.slice(-4)]
    for (const text of [end, hint, `${start}…${end}`, `${start}...${end}`, `${start}*${end}`]) {
      assert.deepEqual(await found(q(text)), ['CI deploy'], text)
    }
    assert.deepEqual(await found(q(`${KEY_PREFIX}0000…${end}`)), [])
    assert.deepEqual(await found(q(end.slice(1))), [])
  })

  it('finds a secret under grace, but none that has ended', async () => {
    const key = await ada.key(elsewhere, ['read:volumes'], { name: 'rotated', entropy: new Uint8Array(32).fill(9) })
    const old = maskKey(key.value).slice(-4)
    const findIn = async () =>
      ((await request('GET', `/api-keys?${q(old)}`, owner, { organization: elsewhere })).body as unknown[]).length
    const rotate = (gracePeriodSeconds: number) =>
      request('POST', '/api-keys/rotated/rotate', owner, { organization: elsewhere, body: { gracePeriodSeconds } })
    assert.equal((await rotate(600)).status, 201)
    assert.equal(await findIn(), 1)
    assert.equal((await rotate(0)).status, 201)
    assert.equal(await findIn(), 0)
  })

  it('filters by status', async () => {
    assert.deepEqual(await found('status=expiring'), ['CI deploy', 'Éclair'])
    assert.deepEqual(await found('status=unused'), ['nightly deploy', 'Break-glass 100%'])
    assert.deepEqual(await found('status=expired'), ['over'])
    assert.deepEqual(await found('status=revoked'), ['taken back'])
    assert.deepEqual((await found('status=all')).length, ALL.length + 2)
    await sql`UPDATE api_keys SET status = 'expired' WHERE id = ${expired.id}`
    assert.deepEqual(await found('status=expired'), ['over'])
  })

  it('filters by permission, which full administration includes', async () => {
    assert.deepEqual(await found('permission=write:sandboxes'), ['nightly deploy', 'Break-glass 100%'])
    assert.deepEqual(await found('permission=admin:organization'), ['Break-glass 100%'])
  })

  it('filters by owner for an administrator', async () => {
    assert.deepEqual(await found(`userId=${bob.userId}`), ['Éclair', 'nightly deploy'])
    assert.deepEqual(await found('userId=usr_unknown'), [])
  })

  it('follows a key that changes', async () => {
    const key = await ada.key(elsewhere, ['read:volumes'], { name: 'before' })
    await sql`UPDATE api_keys SET name = 'after', permissions = '{write:registries}', expires_at = ${inDays(1).toISOString()}
      WHERE id = ${key.id}`
    const names = async (query: string) =>
      ((await request('GET', `/api-keys?${query}`, owner, { organization: elsewhere })).body as { name: string }[]).map(
        ({ name }) => name,
      )
    assert.deepEqual(await names('status=expiring&q=after&permission=write:registries'), ['after'])
    assert.deepEqual(await names('q=before'), [])
  })

  for (const [sort, names] of Object.entries({
    createdAt: [admin, nightly, reader, ci],
    name: [admin, ci, nightly, reader],
    expiresAt: [ci, reader, admin, nightly],
    lastUsedAt: [admin, nightly, reader, ci],
  }).map(([name, keys]) => [name, keys.map((key) => key.name)] as const)) {
    it(`sorts by ${sort}, and pages in that order in both directions`, async () => {
      // Used at the same instant: the order of ids decides.
      await sql`UPDATE api_key_secrets SET last_used_at = ${ago(99).replace('Z', '456Z')} WHERE key_id IN (${nightly.id}, ${reader.id})`
      for (const [given, expected] of [
        [sort, names],
        [`-${sort}`, names.toReversed()],
      ] as const) {
        assert.deepEqual(await found(`sort=${given}`), expected)
        for (const limit of [1, 2, 3]) {
          const read: string[] = []
          for (let query: string | undefined = `sort=${given}&limit=${limit}`; query !== undefined; ) {
            const { body, headers } = await search(query)
            read.push(...(body as { name: string }[]).map(({ name }) => name))
            query = /^<\?([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
          }
          assert.deepEqual(read, expected, `${given} ${limit}`)
        }
      }
    })
  }

  it('refuses a cursor of another order, and forged positions', async () => {
    const link = (await search('sort=expiresAt&limit=1')).headers.get('link') ?? ''
    const cursor = new URLSearchParams(/<\?([^>]+)>/.exec(link)?.[1]).get('cursor') ?? ''
    assert.equal((await search(`sort=name&limit=1&cursor=${cursor}`)).status, 400)
    const [label, , id] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    for (const value of [null, 1, '-1', '1e3', 'infinity ', 'today', '9'.repeat(19)]) {
      const forged = Buffer.from(JSON.stringify([label, value, id])).toString('base64url')
      assert.equal((await search(`sort=expiresAt&limit=1&cursor=${forged}`)).status, 400, String(value))
    }
    for (const value of ['9'.repeat(18), '0', 'infinity', '-infinity']) {
      const forged = Buffer.from(JSON.stringify([label, value, id])).toString('base64url')
      assert.equal((await search(`sort=expiresAt&limit=1&cursor=${forged}`)).status, 200, value)
    }
  })

  it('pages through expiries in the year 9999', async () => {
    const here = await ada.organization()
    const far = [0, 1, 2].map((ms) => new Date(Date.UTC(9999, 11, 31, 23, 59, 59, 997 + ms)))
    for (const [index, expiresAt] of far.entries()) {
      await ada.key(here, ['read:volumes'], { name: `far ${index}`, expiresAt })
    }
    const names: string[] = []
    for (let query: string | undefined = 'sort=expiresAt&limit=1'; query !== undefined; ) {
      const { body, headers } = await request('GET', `/api-keys?${query}`, owner, { organization: here })
      names.push(...(body as { name: string }[]).map(({ name }) => name))
      query = /^<\?([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    }
    assert.deepEqual(names, ['far 0', 'far 1', 'far 2'])
  })

  // After the orders by last use, because this use is recorded seconds later.
  it('shows a key only itself', async () => {
    assert.deepEqual(await found(q('deploy'), reader.value), [])
    assert.deepEqual(await found(q('éclair'), reader.value), ['Éclair'])
  })
})

describe('GET /organizations/{organizationId}/api-keys/summary', () => {
  const summary = (credential: string, id: string = organization) =>
    request('GET', `/organizations/${id}/api-keys/summary`, credential)

  it('refuses a third-party app without admin:organization, and a foreign organization', async () => {
    const app = await ada.token({ scopes: ['read:sandboxes'], organizationIds: [organization] })
    assert.deepEqual((await summary(app.value)).body, FORBIDDEN)
    assert.deepEqual((await summary(member, elsewhere)).body, errorBody(404, 'Not Found', 'Organization not found'))
  })

  it('counts every member’s keys for an administrator, and their own for others', async () => {
    assert.deepEqual((await summary(owner)).body, { active: 4, expiring: 2, unused: 2, administration: 1 })
    assert.deepEqual((await summary(member)).body, { active: 2, expiring: 1, unused: 1, administration: 0 })
    assert.deepEqual((await summary(ci.value)).body, { active: 1, expiring: 1, unused: 0, administration: 0 })
  })
})

// The last one: a request with a key changes the order by last use.
describe('a key by its id', () => {
  it('is found if the caller may see it, in the given status', async () => {
    assert.deepEqual(await found(`id=${nightly.id}`), [nightly.name])
    assert.deepEqual(await found(`id=${nightly.id}`, member), [nightly.name])
    assert.deepEqual(await found(`id=${ci.id}`, member), [])
    assert.deepEqual(await found(`id=${ci.id}`, reader.value), [])
    assert.deepEqual(await found(`id=${revoked.id}`), [])
    assert.deepEqual(await found(`id=${revoked.id}&status=all`), [revoked.name])
    assert.deepEqual(await found('id=none&status=all'), [])
  })
})
