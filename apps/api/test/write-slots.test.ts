import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, afterEach, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import type { RunningApi } from '../src/start.ts'
import { errorBody, world } from './world.ts'

/** MANAGEMENT_WRITES_PER_CREDENTIAL: the number of concurrent writes of one credential. */

const DEFAULT = 16
const { request, person, database, anotherApi } = await world({ after }, { REQUESTS_PER_MINUTE: '100000' })
const sixteen = await anotherApi({ MANAGEMENT_WRITES_PER_CREDENTIAL: String(DEFAULT) })
const one = await anotherApi({ MANAGEMENT_WRITES_PER_CREDENTIAL: '1' })
const ada = await person()

async function scene() {
  const organization = await ada.organization()
  const [key, other] = [
    await ada.key(organization, ['admin:organization']),
    await ada.key(organization, ['admin:organization']),
  ]
  // Cached by both, so that the guard decides as soon as the headers are read.
  for (const api of [sixteen, one]) {
    assert.equal((await request('GET', '/users/me', key.value, { api })).status, 200)
  }
  return { organization, key: key.value, other: other.value, token: (await ada.token()).value }
}

type Scene = Awaited<ReturnType<typeof scene>>

const bodyOf = () => JSON.stringify({ name: randomUUID(), permissions: ['read:volumes'] })
const create = (api: RunningApi, { organization }: Scene, credential: string) =>
  request('POST', '/api-keys', credential, { api, organization, body: bodyOf() })

const opened = new Set<Socket>()
afterEach(async () => {
  await abort(opened)
  opened.clear()
})

/** Sends a creation without the last byte of its body. The server answers 100 when the guard gets the headers. */
async function begin(api: RunningApi, { organization, key }: Scene) {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  opened.add(socket)
  socket.on('error', () => {})
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk
  })
  const body = bodyOf()
  const head = [
    'POST /api-keys HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${key}`,
    `x-daytona-organization-id: ${organization}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'expect: 100-continue',
    'connection: close',
  ]
  await once(socket, 'connect')
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, -1)}`)
  await waitFor(() => received.startsWith('HTTP/1.1 '))
  if (received !== 'HTTP/1.1 100 Continue\r\n\r\n') {
    socket.destroy()
    assert.fail(received)
  }
  return {
    socket,
    async finish(): Promise<number> {
      const closed = once(socket, 'close')
      socket.write(body.slice(-1))
      await closed
      return Number(/HTTP\/1\.1 (?!100)(\d+)/.exec(received)?.[1])
    },
  }
}

/** Occupies all slots once all are free. */
const fill = (at: Scene) =>
  waitFor(async () => {
    const begun = await Promise.allSettled(Array.from({ length: DEFAULT }, () => begin(sixteen, at)))
    const succeeded = begun.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    if (succeeded.length === DEFAULT) return succeeded
    await abort(succeeded.map(({ socket }) => socket))
    return undefined
  })

async function isFull(at: Scene): Promise<void> {
  const answer = await create(sixteen, at, at.key)
  assert.equal(answer.status, 429, answer.text)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.deepEqual(answer.body, errorBody(429, 'Too Many Requests', 'Rate limit exceeded'))
}

async function abort(sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) {
    if (!socket.destroyed) socket.resetAndDestroy()
    await waitFor(() => socket.closed)
  }
}

/** Checks that all slots are free: exactly as many concurrent writes as slots are accepted again. */
async function areAllFree(at: Scene): Promise<void> {
  const again = await fill(at)
  await isFull(at)
  assert.deepEqual(new Set(await Promise.all(again.map(({ finish }) => finish()))), new Set([201]))
}

describe('the concurrent writes of one credential', () => {
  it('are bounded: the 17th is a 429 with Retry-After', async () => {
    const at = await scene()
    await fill(at)
    await isFull(at)
  })

  it('do not limit reads, verification, resource writes or other credentials', async () => {
    const at = await scene()
    await fill(at)
    const { organization } = at
    for (const path of ['/users/me', '/api-keys', '/sandbox', '/auth/verify?permission=write:volumes']) {
      assert.equal((await request('GET', path, at.key, { api: sixteen, organization })).status, 200, path)
    }
    const volume = await request('POST', '/volumes', at.key, { api: sixteen, organization, body: { name: 'new' } })
    assert.equal(volume.status, 200, volume.text)
    for (const credential of [at.other, at.token]) {
      assert.equal((await create(sixteen, at, credential)).status, 201)
    }
    await isFull(at)
  })

  it('release their slots with their responses', async () => {
    const at = await scene()
    const begun = await fill(at)
    const statuses = await Promise.all(begun.map(({ finish }) => finish()))
    assert.deepEqual(new Set(statuses), new Set([201]))
    await areAllFree(at)
  })

  it('release their slots when they are refused', async () => {
    const at = await scene()
    for (let count = 0; count < 2 * DEFAULT; count += 1) {
      const body = count % 2 === 0 ? '{' : { name: '' }
      const answer = await request('POST', '/api-keys', at.key, { api: sixteen, organization: at.organization, body })
      assert.equal(answer.status, 400)
    }
    await areAllFree(at)
  })

  it('release their slots when their connections close during the body', async () => {
    const at = await scene()
    for (let round = 0; round < 3; round += 1) {
      const begun = await fill(at)
      await isFull(at)
      await abort(begun.map(({ socket }) => socket))
    }
    await areAllFree(at)
  })

  it('keep the slot of a closed connection until the write has ended', async () => {
    const at = await scene()
    const sql = database.$client
    await create(one, at, at.key)
    const controller = new AbortController()
    await sql.begin(async (tx) => {
      await tx`SELECT FROM users WHERE id = ${ada.userId} FOR UPDATE`
      const waiting = fetch(`${one.url}/api-keys`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${at.key}`,
          'x-daytona-organization-id': at.organization,
          'content-type': 'application/json',
        },
        body: bodyOf(),
        signal: controller.signal,
      })
      await waitFor(async () => (await lockWaits()) > 0)
      controller.abort()
      await assert.rejects(waiting, { name: 'AbortError' })
      for (let count = 0; count < 20; count += 1) assert.equal((await create(one, at, at.key)).status, 429)
    })
    await waitFor(async () => (await create(one, at, at.key)).status === 201)
  })
})

const lockWaits = async () => {
  const [row] = await database.$client`
    SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return row?.['count'] as number
}
