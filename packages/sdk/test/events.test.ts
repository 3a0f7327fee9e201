import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { type Scope, waitFor } from '@daytona-auth/testing'
import { systemClock } from '../src/clock.ts'
import { DaytonaAuth } from '../src/index.ts'

type Respond = (response: ServerResponse, lastEventId: string | undefined) => void

/** Starts a server that answers each connection by the next function, and then by the last one again. */
async function streams(scope: Scope, ...responds: Respond[]) {
  const lastEventIds: (string | undefined)[] = []
  const waits: Wait[] = []
  const server = createServer((request, response) => {
    const lastEventId = request.headers['last-event-id'] as string | undefined
    lastEventIds.push(lastEventId)
    responds[Math.min(lastEventIds.length, responds.length) - 1]?.(response, lastEventId)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const client = new DaytonaAuth({
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: 'dta_x',
    maxRetries: 0,
    clock: {
      ...systemClock,
      // No delay before a reconnection; waits for what arrives end when a test ends them.
      async sleep(ms, signal) {
        signal.throwIfAborted()
        if (ms < LONGEST_RETRY_MS) return
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        waits.push({ ms, signal, end: resolve })
        await promise
      },
    },
  })
  return { client, lastEventIds, waits }
}

/** A wait for what arrives on a connection. */
interface Wait {
  readonly ms: number
  readonly signal: AbortSignal
  end(): void
}

const LONGEST_RETRY_MS = 30_001

const stream =
  (text: string, end: 'end' | 'destroy' | 'stay' = 'end'): Respond =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).write(text)
    if (end === 'end') response.end()
    else if (end === 'destroy') setImmediate(() => response.destroy())
  }
const deny =
  (status: number): Respond =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' })
      .end(JSON.stringify({ statusCode: status, message: 'No', error: 'No' }))

const audit = (id: string) => `event: audit\nid: ${id}\ndata: {"id":"${id}"}\n\n`

describe('events', () => {
  for (const status of [401, 403, 503]) {
    it(`throws if the first connection is answered ${status}`, async (t) => {
      const { client } = await streams(t, deny(status))
      await assert.rejects(async () => client.events().next(), { name: 'DaytonaAuthError', statusCode: status })
    })
  }

  it('connects again after a lost or refused connection, and continues after the last event', async (t) => {
    const { client, lastEventIds } = await streams(
      t,
      stream(`retry: 5\n\nevent: position\nid: evt_0\ndata: {}\n\n`, 'destroy'),
      stream(audit('evt_1') + audit('evt_2')),
      deny(503),
      stream('event: later\ndata: {}\n\nevent: reset\ndata: {}\n\n:\n\n'),
      stream('event: api_key.first_use\ndata: {"keyId":"key_1"}\n\n', 'destroy'),
      deny(401),
    )
    const received: string[] = []
    const connections: boolean[] = []
    const onConnectionChange = (isConnected: boolean) => connections.push(isConnected)
    await assert.rejects(
      async () => {
        for await (const event of client.events({ lastEventId: 'evt_before', onConnectionChange })) {
          received.push(event.type === 'audit' ? event.id : event.type)
        }
      },
      { statusCode: 401 },
    )
    assert.deepEqual(received, ['evt_1', 'evt_2', 'reset', 'api_key.first_use'])
    // Four streams; neither refused connection is a change.
    assert.deepEqual(connections, [true, false, true, false, true, false, true, false])
    assert.deepEqual(lastEventIds, ['evt_before', 'evt_0', 'evt_2', 'evt_2', 'evt_2', 'evt_2'])
  })

  it('connects again if a connection is silent for as long as three heartbeats, and closes the silent one', async (t) => {
    const closed = Promise.withResolvers<void>()
    let beat = () => {}
    const { client, lastEventIds, waits } = await streams(
      t,
      (response) => {
        response.once('close', () => closed.resolve())
        stream(audit('evt_1'), 'stay')(response, undefined)
        beat = () => response.write(':\n\n')
      },
      stream(audit('evt_2'), 'stay'),
    )
    const iterator = client.events()
    const first = await iterator.next()
    const next = iterator.next()
    // One wait for the event, one for the heartbeat, and one that nothing ends. Sent earlier, both could arrive at once.
    await waitFor(() => waits.length === 2)
    beat()
    await waitFor(() => waits.length === 3)
    assert.deepEqual(
      waits.map(({ ms, signal }) => [ms, signal.aborted]),
      [
        [45_000, true],
        [45_000, true],
        [45_000, false],
      ],
    )
    waits.at(-1)?.end()
    const second = await next
    await closed.promise
    assert.deepEqual(
      [first, second].map(({ value }) => value?.type === 'audit' && value.id),
      ['evt_1', 'evt_2'],
    )
    assert.deepEqual(lastEventIds, [undefined, 'evt_1'])
    await iterator.return()
  })

  it('ends the request when its consumer leaves the loop', async (t) => {
    const closed = Promise.withResolvers<void>()
    const { client } = await streams(t, (response) => {
      response.once('close', () => closed.resolve())
      stream(audit('evt_1'), 'stay')(response, undefined)
    })
    for await (const event of client.events()) {
      assert.equal(event.type, 'audit')
      break
    }
    await closed.promise
  })

  it('throws the reason when its signal is aborted', async (t) => {
    const { client } = await streams(t, stream(audit('evt_1'), 'stay'))
    const controller = new AbortController()
    const iterate = async () => {
      for await (const _event of client.events({ signal: controller.signal })) controller.abort(new Error('enough'))
    }
    await assert.rejects(iterate, /enough/)
  })
})
