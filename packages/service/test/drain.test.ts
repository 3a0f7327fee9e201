import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { listening } from './listening.ts'

const CONNECTIONS = 64
/** Longer than the wait before idle connections are closed. */
const STALL_MS = 1_000
const REQUEST = 'GET /ok HTTP/1.1\r\nhost: x\r\n\r\n'

describe('a server that is stopping', { timeout: 30_000 }, () => {
  it('answers a request that it has not read yet, and keeps the connection until it accepts no more', async (t) => {
    const { app, port } = await listening(t, (app) => void app.get('/ok', () => ({ ok: true })))
    const socket = connect(port, '127.0.0.1')
    socket.write(REQUEST)
    const [first] = await once(socket, 'data')
    assert.match(String(first), /^HTTP\/1\.1 200 .*connection: keep-alive/is)

    socket.write(REQUEST)
    const closed = app.close()
    const [second] = await once(socket, 'data')
    assert.doesNotMatch(String(second), /connection: close/i)
    assert.match(String(second), /^HTTP\/1\.1 200 .*\{"ok":true\}$/is)
    while (app.server.listening) await new Promise((resolve) => setImmediate(resolve))
    socket.write(REQUEST)
    assert.match(await text(socket), /^HTTP\/1\.1 200 .*connection: close.*\{"ok":true\}$/is)
    await closed
  })

  it('announces that the connection closes if it accepts no more by the time of the response', async (t) => {
    const { app, port } = await listening(t, (app) => {
      app.get('/ok', async () => {
        while (app.server.listening) await new Promise((resolve) => setImmediate(resolve))
        return { ok: true }
      })
    })
    const socket = connect(port, '127.0.0.1')
    await Promise.all([once(socket, 'connect'), once(app.server, 'connection')])
    socket.write(REQUEST)
    const closed = app.close()
    assert.match(await text(socket), /^HTTP\/1\.1 200 .*connection: close.*\{"ok":true\}$/is)
    await closed
  })

  it('answers connections that only the kernel has accepted, also if a request stalls the process', async (t) => {
    let isStalled = false
    const { app, port } = await listening(t, (app) => {
      app.get('/ok', () => {
        if (!isStalled) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS)
        isStalled = true
        return { ok: true }
      })
    })
    const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'))
    // Sockets connect in the next tick, without a turn of the event loop in which the server could accept them.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    for (const socket of sockets) socket.write(REQUEST)
    const closed = app.close()
    const answers = await Promise.allSettled(sockets.map((socket) => text(socket)))
    assert.equal(answers.filter(({ status }) => status === 'rejected').length, 0)
    await closed
  })

  it('answers a request that arrives while the process is stalled', async (t) => {
    const { app, port } = await listening(t, (app) => void app.get('/ok', () => ({ ok: true })))
    const socket = connect(port, '127.0.0.1')
    socket.write(REQUEST)
    await once(socket, 'data')
    t.mock.timers.enable({ apis: ['setInterval'] })
    const closed = app.close()
    while (app.server.listening) await new Promise((resolve) => setImmediate(resolve))
    socket.write(REQUEST)
    t.mock.timers.tick(STALL_MS)
    assert.match(await text(socket), /^HTTP\/1\.1 200 .*connection: close/is)
    await closed
  })

  it('accepts no new connection', async (t) => {
    const { app, port, origin } = await listening(t)
    // An open connection makes the server wait.
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const closed = app.close()
    while (app.server.listening) await new Promise((resolve) => setImmediate(resolve))
    await assert.rejects(fetch(origin))
    await closed
  })

  it('loses no request of connections that send without a pause', async (t) => {
    let connected = 0
    /** Each makes a client connect to a listener that is about to close, which resets what it has not accepted. */
    let announcedEarly = 0
    const { app, origin } = await listening(t, (app) => {
      app.get('/ok', () => ({ ok: true }))
      app.addHook('onSend', async (_request, reply) => {
        if (app.server.listening && reply.raw.getHeader('connection') === 'close') announcedEarly += 1
      })
    })
    app.server.on('connection', () => {
      connected += 1
    })
    const tally = { answered: 0, lost: 0 }
    const asking = Promise.all(Array.from({ length: CONNECTIONS }, requestUntilDenied))
    // The process cannot answer connections that only the kernel has accepted.
    while (connected < CONNECTIONS) await once(app.server, 'connection')
    await app.close()
    await asking
    assert.equal(announcedEarly, 0)
    assert.equal(tally.lost, 0)
    assert.ok(tally.answered >= CONNECTIONS)

    async function requestUntilDenied() {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (;;) {
        try {
          const [response] = await once(get(`${origin}/ok`, { agent }), 'response')
          assert.equal(await text(response), '{"ok":true}')
          tally.answered += 1
        } catch (error) {
          agent.destroy()
          if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')) tally.lost += 1
          return
        }
      }
    }
  })
})
