import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import fc from 'fast-check'
import { fastify } from 'fastify'
import { boundWrites, holdSlot, writeSlots } from './write-slots.ts'

describe('the slots of a credential', () => {
  it('are taken up to their number, for each credential', () => {
    const { take, release } = writeSlots(2)
    assert.deepEqual([take('a'), take('a'), take('a'), take('b')], [true, true, false, true])
    release('a')
    assert.deepEqual([take('a'), take('a')], [true, false])
  })

  it('are none with a limit of zero', () => assert.equal(writeSlots(0).take('a'), false))

  it('never exceed their number, and are all free again after as many releases, in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b'))),
        (limit, steps) => {
          const { take, release } = writeSlots(limit)
          const taken = { a: 0, b: 0 }
          for (const [isTake, id] of steps) {
            if (isTake) {
              assert.equal(take(id), taken[id] < limit)
              taken[id] = Math.min(limit, taken[id] + 1)
            } else if (taken[id] > 0) {
              release(id)
              taken[id] -= 1
            }
          }
          for (const id of ['a', 'b'] as const) {
            for (; taken[id] > 0; taken[id] -= 1) release(id)
            for (let count = 0; count < limit; count += 1) assert.equal(take(id), true)
            assert.equal(take(id), false)
          }
        },
      ),
    )
  })

  it('do not become more by a release without a take', () => {
    const { take, release } = writeSlots(1)
    release('a')
    release('a')
    assert.deepEqual([take('a'), take('a')], [true, false])
  })
})

describe('a held slot', () => {
  /** A server whose writes hold a slot each, and a handler that the test ends. */
  async function serverOf(t: TestContext, handle?: () => unknown) {
    const server = fastify({ forceCloseConnections: true })
    t.after(() => server.close())
    let held = 0
    const handlers: PromiseWithResolvers<void>[] = []
    server.addHook('onRoute', boundWrites)
    server.addHook('onRequest', (request, reply, done) => {
      held += 1
      holdSlot(request, reply, () => {
        held -= 1
      })
      done()
    })
    const isBound: unknown[] = []
    server.post(
      '/',
      { config: { access: 'authenticated' } },
      handle ??
        (async (request) => {
          isBound.push(request.routeOptions.config.managementWrite)
          const handler = Promise.withResolvers<void>()
          handlers.push(handler)
          await handler.promise
          return { ok: true }
        }),
    )
    await server.listen({ port: 0, host: '127.0.0.1' })
    const address = server.server.address()
    assert.ok(address && typeof address === 'object')
    const send = () => {
      const socket = connect(address.port, '127.0.0.1')
      socket.on('error', () => {}) // the test destroys it
      socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n')
      return socket
    }
    return { server, send, handlers, held: () => held, isBound }
  }

  it('is released when the response was sent, after the handler has ended', async (t) => {
    const { send, handlers, held, isBound } = await serverOf(t)
    const socket = send()
    t.after(() => socket.destroy())
    await waitFor(() => handlers.length === 1)
    assert.equal(held(), 1)
    handlers[0]?.resolve()
    await waitFor(() => held() === 0)
    assert.deepEqual(isBound, [true])
  })

  it('is still held after the client has disconnected, until the handler has ended', async (t) => {
    const { send, handlers, held } = await serverOf(t)
    const [socket, other] = [send(), send()]
    t.after(() => other.destroy())
    await waitFor(() => handlers.length === 2)
    socket.destroy()
    handlers[1]?.resolve()
    await waitFor(() => held() === 1)
    handlers[0]?.resolve()
    await waitFor(() => held() === 0)
  })

  it('is released if the handler fails after the client has disconnected', async (t) => {
    const { send, handlers, held } = await serverOf(t)
    const [socket, other] = [send(), send()]
    t.after(() => other.destroy())
    await waitFor(() => handlers.length === 2)
    socket.destroy()
    handlers[1]?.resolve()
    await waitFor(() => held() === 1)
    handlers[0]?.reject(new Error('too late'))
    await waitFor(() => held() === 0)
  })

  it('is released after a handler that returns no promise, or fails', async (t) => {
    for (const handle of [
      (_request: unknown, reply: { send(body: unknown): unknown }) => void reply.send({ ok: true }),
      async () => {
        throw new Error('failed')
      },
    ]) {
      const { server, held } = await serverOf(t, handle as () => unknown)
      await server.inject({ method: 'POST', url: '/' })
      await waitFor(() => held() === 0)
    }
  })
})
