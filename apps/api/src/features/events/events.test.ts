import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { tcpProxy, waitFor } from '@daytona-auth/testing'
import { errorBody, FORBIDDEN, type Person, world } from '../../../test/world.ts'

const { url, request, person, database, api, anotherApi } = await world(
  { after },
  { EVENT_STREAMS_PER_USER: '1000', EVENT_STREAMS_PER_ORGANIZATION: '1000' },
)
const { $client: sql } = database
const ada = await person()
const organization = await ada.organization()
const admin = await ada.key(organization, ['admin:organization'])

interface ReceivedEvent {
  readonly name: string
  readonly id: string | undefined
  readonly data: Record<string, unknown>
}

/** A stream that is read by `fetch`, as a page does that sends a credential. */
interface OpenStream {
  readonly status: number
  readonly headers: Headers
  readonly events: ReceivedEvent[]
  /** The id that the client would send to resume. */
  readonly lastId: () => string | undefined
  readonly isOver: () => boolean
  /** Whether it was over before its end was received. */
  readonly wasCut: () => boolean
  readonly close: () => void
}

/** Waits until the stream can be read: the first bytes have arrived. */
async function open(
  credential: string,
  {
    at = organization,
    from = api.url,
    lastEventId,
  }: { at?: string | undefined; from?: string; lastEventId?: string | undefined } = {},
): Promise<OpenStream> {
  const controller = new AbortController()
  const response = await fetch(`${from}/events`, {
    signal: controller.signal,
    headers: {
      authorization: `Bearer ${credential}`,
      ...(at !== undefined && { 'x-daytona-organization-id': at }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  })
  const events: ReceivedEvent[] = []
  let lastId: string | undefined
  let isOver = false
  let wasCut = false
  let hasBegun = false
  const read = async () => {
    let text = ''
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      hasBegun = true
      text += chunk.value
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s) as [string, string]))
        lastId = fields.get('id') ?? lastId
        const data = fields.get('data')
        if (data !== undefined && fields.get('event') !== 'position') {
          events.push({ name: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) })
        }
      }
    }
  }
  const reading = read()
    .catch(() => {
      wasCut = true
    })
    .finally(() => {
      isOver = true
    })
  opened.push(() => controller.abort())
  await waitFor(() => hasBegun || isOver)
  if (response.status !== 200) await reading
  return {
    status: response.status,
    headers: response.headers,
    events,
    lastId: () => lastId,
    isOver: () => isOver,
    wasCut: () => wasCut,
    close: () => controller.abort(),
  }
}

/** Opens a stream of a process that has just started: it refuses streams until its first heartbeat. */
const openSoon = (from: string): Promise<OpenStream> =>
  waitFor(async () => {
    const stream = await open(admin.value, { from })
    return stream.status === 200 && stream
  })

const opened: (() => void)[] = []
after(() => {
  for (const close of opened) close()
})

/** Leaves an event in the trail. */
async function rename(by: Person, at: OrganizationId, name: string): Promise<void> {
  const answer = await request('PATCH', `/organizations/${at}`, (await by.token()).value, { body: { name } })
  assert.equal(answer.status, 200, answer.text)
}

/** Without first uses, which are reported seconds later: by a test of their own. */
const actionsOf = ({ events }: OpenStream) =>
  events.filter(({ name }) => name !== 'api_key.first_use').map(({ name, data }) => data['action'] ?? name)
const updatesOf = ({ events }: OpenStream) => events.filter(({ data }) => data['action'] === 'organization.update')
/** Asserts that a stream ends within 3 s of this process: those in which the machine does not run it do not count. */
async function endsWithinBound(stream: OpenStream): Promise<void> {
  let tenths = 0
  const timer = setInterval(() => {
    tenths += 1
  }, 100)
  await waitFor(() => stream.isOver()).finally(() => clearInterval(timer))
  assert.ok(tenths < 30, `${tenths} tenths of a second`)
}
const isReceived = (stream: OpenStream, action: string) => waitFor(() => actionsOf(stream).includes(action))

describe('a refused event stream', () => {
  it('is one of an app without admin:organization, which sees no keys', async () => {
    const app = await ada.token({ scopes: ['openid', 'read:sandboxes'], organizationIds: [organization] })
    const answer = await request('GET', '/events', app.value, { organization })
    assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    assert.match(answer.headers.get('www-authenticate') ?? '', /scope="admin:organization"/)
  })

  it('is the second of a user, or of an organization, that may have one, and one more than the process may have', async () => {
    const limits = { EVENT_STREAMS: '2', EVENT_STREAMS_PER_USER: '1', EVENT_STREAMS_PER_ORGANIZATION: '1' }
    const small = await anotherApi(limits)
    const bob = await person('Bob')
    await bob.join(organization, 'owner')
    const eve = await person('Eve')
    const ask = async (by: Person, at: string) =>
      request('GET', '/events', (await by.token()).value, { organization: at, api: small })
    const first = await openSoon(small.url)
    const sameUser = await ask(ada, ada.personalOrganizationId)
    const sameOrganization = await ask(bob, organization)
    const second = await open((await bob.token()).value, { from: small.url, at: bob.personalOrganizationId })
    const oneMore = await ask(eve, eve.personalOrganizationId)
    assert.deepEqual([first.status, second.status], [200, 200])
    for (const [answer, status, message, error] of [
      [sameUser, 429, 'Too Many Requests', 'Rate limit exceeded'],
      [sameOrganization, 429, 'Too Many Requests', 'Rate limit exceeded'],
      [oneMore, 503, 'Service Unavailable', 'Service unavailable'],
    ] as const) {
      assert.deepEqual([answer.status, answer.body], [status, errorBody(status, message, error)])
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
    }
    first.close()
    await waitFor(async () => {
      const again = await open((await ada.token()).value, { from: small.url })
      again.close()
      return again.status === 200
    })
  })

  it('is every one of a process that may miss notifications', async () => {
    const network = await tcpProxy({ after }, url)
    const cut = await anotherApi({ DATABASE_URL: network.url })
    const before = await openSoon(cut.url)
    network.stall()
    after(() => network.pass())
    await waitFor(() => before.isOver())
    const answer = await request('GET', '/events', admin.value, { api: cut })
    assert.equal(answer.status, 503)
    network.cut()
    network.pass()
  })
})

describe('an event stream', () => {
  it('has each event of its organization once and in order, and none of another', async () => {
    const stream = await open(admin.value)
    assert.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.equal(stream.headers.get('cache-control'), 'no-store')
    const other = await ada.organization()
    for (let count = 0; count < 20; count += 1) {
      await rename(ada, other, `Other ${count}`)
      await rename(ada, organization, `Name ${count}`)
    }
    await waitFor(() => updatesOf(stream).length >= 20)
    const updates = updatesOf(stream)
    const names = updates.map(({ data }) => JSON.stringify(data['metadata']))
    assert.equal(updates.length, 20)
    for (const [index, name] of names.entries()) assert.ok(name.includes(`Name ${index}`), `${name} is not ${index}`)
    assert.ok(stream.events.every(({ data }) => data['organizationId'] === organization))
    assert.deepEqual(
      updates.map(({ id }) => id),
      updates.map(({ data }) => data['id']),
    )
    stream.close()
  })

  it('reports the first use of a secret, once, without the secret', async () => {
    const stream = await open((await ada.token()).value)
    const { id, value } = await ada.key(organization, ['read:sandboxes'])
    for (let count = 0; count < 3; count += 1) {
      assert.equal((await request('GET', '/sandbox', value)).status, 200)
      if (count === 0) await waitFor(() => stream.events.some(({ data }) => data['keyId'] === id))
    }
    const [use, ...more] = stream.events.filter(({ data }) => data['keyId'] === id)
    assert.deepEqual(more, [])
    assert.deepEqual(
      [use?.name, use?.id, Object.keys(use?.data ?? {})],
      ['api_key.first_use', undefined, ['organizationId', 'keyId', 'usedAt']],
    )
    assert.ok(!JSON.stringify(stream.events).includes(value))
    stream.close()
  })

  it('of a member has events about their own keys only, without the address of others', async () => {
    const member = await person('Member')
    await member.join(organization, ['read:sandboxes'])
    const own = await member.key(organization, ['read:sandboxes'])
    const stream = await open((await member.token()).value)
    const byKey = await open(own.value)
    const foreign = await ada.key(organization, ['read:sandboxes'])
    await rename(ada, organization, 'Unseen')
    for (const [userId, name] of [
      [ada.userId, foreign.name],
      [member.userId, own.name],
    ]) {
      const answer = await request('DELETE', `/api-keys/${userId}/${name}`, (await ada.token()).value, { organization })
      assert.equal(answer.status, 204, answer.text)
    }
    await isReceived(stream, 'api_key.delete')
    assert.deepEqual(actionsOf(stream), ['api_key.delete'])
    const deleted = stream.events.find(({ data }) => data['action'] === 'api_key.delete')
    assert.partialDeepStrictEqual(deleted?.data, { targetId: own.id, ipAddress: null, userAgent: null })
    // The key itself is revoked: its stream ends, and may have had the event before.
    await waitFor(() => byKey.isOver())
    assert.ok(byKey.events.every(({ data }) => (data['targetId'] ?? data['keyId']) === own.id))
    stream.close()
  })

  it('resumes after the last event that was received, and states a gap', async () => {
    const first = await open(admin.value)
    await waitFor(() => first.lastId() !== undefined)
    const position = first.lastId()
    first.close()
    for (let count = 0; count < 60; count += 1) await rename(ada, organization, `Missed ${count}`)
    const resumed = await open(admin.value, { lastEventId: position })
    await waitFor(() => updatesOf(resumed).length >= 60)
    const names = updatesOf(resumed).map(({ data }) => JSON.stringify(data['metadata']))
    for (const [index, name] of names.entries()) assert.ok(name.includes(`Missed ${index}`), name)
    resumed.close()
    const last = updatesOf(resumed).at(-1)?.id
    const current = await open(admin.value, { lastEventId: last })
    await rename(ada, organization, 'Afterwards')
    await isReceived(current, 'organization.update')
    assert.deepEqual(actionsOf(current), ['organization.update'])
    current.close()
    // An event that does not exist, or belongs to another organization, or is too long ago.
    const [foreign] =
      await sql`SELECT id FROM audit_events WHERE organization_id = ${ada.personalOrganizationId} LIMIT 1`
    await sql`INSERT INTO audit_events (id, organization_id, action, source)
      SELECT 'evt_many' || n, ${organization}, 'organization.update', 'test' FROM generate_series(1, 1001) n`
    for (const lastEventId of [newId('evt'), String(foreign?.['id']), '__proto__', position]) {
      const stream = await open(admin.value, { lastEventId })
      await waitFor(() => actionsOf(stream).length > 0)
      assert.deepEqual(actionsOf(stream), ['reset'])
      stream.close()
    }
  })

  it('of each of 100 readers has every event', async () => {
    const streams = await Promise.all(Array.from({ length: 100 }, () => open(admin.value)))
    assert.ok(streams.every(({ status }) => status === 200))
    await rename(ada, organization, 'For all')
    await Promise.all(streams.map((stream) => isReceived(stream, 'organization.update')))
    for (const { close } of streams) close()
  })

  for (const [what, change] of [
    ['its key is revoked', (id: string) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`],
    [
      'its key loses admin:organization',
      (id: string) => sql`UPDATE api_keys SET permissions = '{read:sandboxes}' WHERE id = ${id}`,
    ],
    ['its key loses the organization', (id: string) => sql`DELETE FROM api_key_organizations WHERE key_id = ${id}`],
  ] as const) {
    it(`ends within 3 s when ${what}`, async () => {
      const { id, value } = await ada.key(organization, ['admin:organization'])
      const stream = await open(value)
      assert.equal(stream.status, 200)
      await change(id)
      await endsWithinBound(stream)
    })
  }

  it('of a member ends within 3 s when the membership ends', async () => {
    const member = await person('Leaver')
    await member.join(organization, 'owner')
    const stream = await open((await member.token()).value)
    await sql`DELETE FROM organization_members WHERE organization_id = ${organization} AND user_id = ${member.userId}`
    await endsWithinBound(stream)
  })

  it('is closed if its reader is too slow, while others receive', async () => {
    const large = await ada.organization()
    const { value } = await ada.key(large, ['admin:organization'])
    const fast = await open(value, { at: large })
    const socket = connect(api.port, '127.0.0.1')
    after(() => socket.destroy())
    let isClosed = false
    socket.once('close', () => {
      isClosed = true
    })
    socket.once('error', () => {})
    socket.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${value}\r\n\r\n`)
    await new Promise((resolve) => socket.once('readable', resolve))
    // Nothing is read from now on: 13 MB fill the buffers of both sockets and that of the stream.
    for (let round = 0; round < 50; round += 1) {
      await sql`INSERT INTO audit_events (id, organization_id, action, source, user_agent)
        SELECT 'evt_large' || ${round}::text || '_' || n, ${large}, 'organization.update', 'test', repeat('x', 2000)
        FROM generate_series(1, 100) n`
      // So that it never waits for more than this, however slow the machine is.
      await waitFor(() => updatesOf(fast).length === (round + 1) * 100)
    }
    socket.resume()
    await waitFor(() => isClosed)
    fast.close()
  })

  it('ends in order when the server stops', async () => {
    const stopping = await anotherApi()
    const stream = await openSoon(stopping.url)
    await stopping.close()
    await waitFor(() => stream.isOver())
    // The server would cut it if it had waited for it without success.
    assert.equal(stream.wasCut(), false)
  })
})
