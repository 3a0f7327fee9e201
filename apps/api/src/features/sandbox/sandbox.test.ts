import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { errorBody, world } from '../../../test/world.ts'

const { request, person, database } = await world({ after }, { SANDBOX_CREATIONS_PER_MINUTE: '60' })
const ada = await person('Ada')

async function workplace() {
  const organization = await ada.organization()
  const { value } = await ada.key(organization, ['read:sandboxes', 'write:sandboxes'])
  return {
    organization,
    value,
    create: (body: unknown) => request('POST', '/sandbox', value, { body }),
    list: async (query = '') => {
      const answer = await request('GET', `/sandbox${query}`, value)
      assert.equal(answer.status, 200, answer.text)
      return answer.body as { items: { name: string; id: string }[]; nextCursor: string | null }
    },
  }
}

describe('POST /sandbox', () => {
  it('accepts the guide’s request with alias and snapshot', async () => {
    const { organization, create, list } = await workplace()
    const answer = await create({ alias: 'python-sandbox', snapshot: 'python:3.11' })
    assert.equal(answer.status, 200)
    const made = answer.body as { id: string; createdAt: string }
    const whole = {
      id: made.id,
      organizationId: organization,
      name: 'python-sandbox',
      snapshot: 'python:3.11',
      labels: {},
      state: 'creating',
      recoverable: false,
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      toolboxProxyUrl: 'https://api.example.test/toolbox',
      user: 'daytona',
      env: {},
      public: false,
      networkBlockAll: false,
      kvm: false,
      target: 'local',
      cpu: 1,
      gpu: 0,
      memory: 1,
      disk: 3,
    }
    assert.deepEqual(made, whole)
    const { env, kvm, ...listed } = whole
    assert.deepEqual(await list(), { items: [listed], nextCursor: null })
  })

  it('keeps the settings of a stock client, and names the record by its id without a name', async () => {
    const { create } = await workplace()
    const asked = { env: { A: 'b' }, labels: { team: 'x' }, public: true, cpu: 2.5, autoStopInterval: 15, target: 'eu' }
    const body = (await create({ ...asked, unknown: 1 })).body as { id: string; name: string }
    assert.partialDeepStrictEqual(body, asked)
    assert.equal(body.name, body.id)
  })

  it('refuses a name that is taken in the same organization only', async () => {
    const { create } = await workplace()
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await create({ name: 'one' })).status))
    assert.deepEqual(statuses.toSorted(), [200, 409, 409, 409, 409])
    assert.equal((await (await workplace()).create({ name: 'one' })).status, 200)
  })

  it('refuses members of the wrong kind', async () => {
    const { create } = await workplace()
    const wrong = [{ cpu: -1 }, { cpu: '1' }, { labels: { a: 1 } }, { env: [] }, { alias: '' }, { snapshot: 1 }, []]
    for (const body of wrong) assert.equal((await create(body)).status, 400, JSON.stringify(body))
  })

  it('is refused in a suspended organization, which still allows reading and managing keys', async () => {
    const { organization, create, list } = await workplace()
    await database.$client`UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid' WHERE id = ${organization}`
    const answer = await waitFor(async () => {
      const { status, body } = await create({})
      return status === 200 ? undefined : { status, body }
    })
    assert.deepEqual(answer, { status: 403, body: errorBody(403, 'Forbidden', 'Organization is suspended: unpaid') })
    await list()
    const body = { name: 'still', permissions: ['read:sandboxes'] }
    const { value } = await ada.token()
    assert.equal((await request('POST', '/api-keys', value, { organization, body })).status, 201)
  })

  it('limits creations per minute and organization, and answers 429 with Retry-After past it', async () => {
    const minute = () => Math.floor(Date.now() / 60_000)
    const burst = async () => {
      const { create } = await workplace()
      const began = minute()
      return { answers: await Promise.all(Array.from({ length: 65 }, () => create({}))), isWhole: minute() === began }
    }
    // A burst that spans two minutes of the clock is repeated.
    const first = await burst()
    const { answers } = first.isWhole ? first : await burst()
    const refused = answers.filter(({ status }) => status === 429)
    assert.ok(refused.length >= 5 && answers.every(({ status }) => status === 200 || status === 429))
    assert.deepEqual(refused[0]?.body, errorBody(429, 'Too Many Requests', 'Rate limit exceeded'))
    assert.ok(Number(refused[0]?.headers.get('retry-after')) >= 1)
    const limits = answers.map(({ headers }) => [
      headers.get('x-ratelimit-limit'),
      headers.get('x-ratelimit-remaining'),
    ])
    assert.ok(limits.every(([limit]) => limit === '60'))
    assert.equal(Math.min(...limits.map(([, remaining]) => Number(remaining))), 0)
    assert.equal(refused[0]?.headers.get('x-ratelimit-reset'), refused[0]?.headers.get('retry-after'))
    assert.equal((await (await workplace()).create({})).status, 200)
  })

  it('records an audit event', async () => {
    const { create } = await workplace()
    const { id } = (await create({ name: 'recorded' })).body as { id: string }
    const rows = await database.$client`SELECT action, status_code FROM audit_events WHERE target_id = ${id}`
    assert.deepEqual([...rows], [{ action: 'sandbox.create', status_code: 200 }])
  })
})

describe('GET /sandbox', async () => {
  const { create, list, value } = await workplace()
  const all = ['c', 'a', 'e', 'b', 'd'].map((letter) => `${letter}-box`)
  for (const [at, name] of all.entries()) {
    await create({ name, cpu: at % 2, labels: { at: String(at), kind: 'x' }, snapshot: `s${at % 2}`, public: at === 0 })
  }
  const names = async (query: string) => (await list(query)).items.map(({ name }) => name)

  for (const [sort, order, expected] of [
    ['createdAt', 'desc', all.toReversed()],
    ['createdAt', 'asc', all],
    ['name', 'asc', all.toSorted()],
    ['name', 'desc', all.toSorted().toReversed()],
    ['lastActivityAt', 'asc', all],
    ['memoryGib', 'asc', all],
    ['diskGib', 'desc', all.toReversed()],
    ['cpu', 'asc', ['c-box', 'e-box', 'd-box', 'a-box', 'b-box']],
  ] as const) {
    it(`returns each item exactly once across pages, by ${sort} ${order}`, async () => {
      const seen: string[] = []
      let cursor = ''
      for (let pages = 0; pages < 5; pages += 1) {
        const page = await list(`?limit=2&sort=${sort}&order=${order}${cursor}`)
        seen.push(...page.items.map(({ name }) => name))
        if (page.nextCursor === null) break
        cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
      }
      assert.deepEqual(seen, expected)
    })
  }

  it('has the filters of stock clients', async () => {
    assert.deepEqual(await names('?name=A-'), ['a-box'])
    assert.deepEqual(await names(`?labels=${encodeURIComponent('{"kind":"x","at":"3"}')}`), ['b-box'])
    assert.deepEqual(await names('?snapshots=s1&order=asc'), ['a-box', 'b-box'])
    assert.deepEqual(await names('?snapshots=s1&snapshots=s0'), all.toReversed())
    assert.deepEqual(await names('?states=started'), [])
    assert.deepEqual(await names('?states=started&states=creating&limit=1'), ['d-box'])
    assert.deepEqual(await names('?isPublic=true'), ['c-box'])
    assert.deepEqual(await names('?isRecoverable=true'), [])
    assert.deepEqual(await names('?lastEventAfter=2099-01-01T00:00:00Z'), [])
    assert.deepEqual(await names('?lastEventBefore=2099-01-01T00:00:00Z'), all.toReversed())
    assert.deepEqual(await names('?minCpu=1&order=asc'), ['a-box', 'b-box'])
    assert.deepEqual(await names('?maxCpu=0.5&maxMemoryGiB=1&minDiskGiB=3&order=asc'), ['c-box', 'e-box', 'd-box'])
    assert.deepEqual(await names('?regionIds=eu'), [])
    assert.deepEqual(await names('?createdAtAfter=2099-01-01T00:00:00Z'), [])
    assert.deepEqual(await names('?createdAtBefore=2099-01-01T00:00:00Z&includeWarm=true'), all.toReversed())
    const [first] = (await list('?name=a-')).items
    assert.deepEqual(await names(`?id=${first?.id.toUpperCase()}`), ['a-box'])
  })

  it('refuses invalid parameters and forged cursors', async () => {
    const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url')
    for (const query of [
      'limit=0',
      'limit=201',
      'limit=x',
      'labels={',
      'labels=[]',
      'states=running',
      'sort=id',
      'order=up',
      'isPublic=yes',
      'createdAtAfter=yesterday',
      'minCpu=-1',
      'cursor=',
      'cursor=x',
      `cursor=${forged([])}`,
      `cursor=${forged(['createdAt', "now()'", 'sbx_1'])}`,
      `cursor=${forged(['name', 'a', 'sbx_1'])}`,
      `sort=cpu&cursor=${forged(['cpu', '1e999', 'sbx_1'])}`,
    ]) {
      const { status } = await request('GET', `/sandbox?${query}`, value)
      assert.equal(status, 400, query)
    }
  })

  it('contains no records of another organization', async () => {
    assert.deepEqual(await (await workplace()).list(), { items: [], nextCursor: null })
  })
})
