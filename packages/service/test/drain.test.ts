import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { listenOnEach } from '../src/http/listeners.ts'
import { createServer, health, setDrainDelay } from '../src/index.ts'
import { capturedLogger, listening } from './listening.ts'

const CONNECTIONS = 64
/** Longer than the wait before idle connections are closed. */
const STALL_MS = 1_000
/** Longer than any test. */
const DELAY_MS = 60_000
const TICK_MS = 20
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

  it('keeps idle connections for the drain delay, is not ready, and closes them as soon as they were used', async (t) => {
    const { app, port } = await listening(t, (app) => void app.register(health, { checks: {} }))
    setDrainDelay(app, DELAY_MS)
    const sockets = await Promise.all([port, port].map((port) => answered(connect(port, '127.0.0.1'))))
    t.mock.timers.enable({ apis: ['setInterval'] })
    const closed = app.close()
    while (app.server.listening) await new Promise((resolve) => setImmediate(resolve))
    t.mock.timers.tick(STALL_MS)
    for (const socket of sockets) {
      socket.write('GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n')
      assert.match(await text(socket), /^HTTP\/1\.1 503 .*connection: close/is)
    }
    let isClosed = false
    void closed.then(() => {
      isClosed = true
    })
    while (!isClosed) {
      t.mock.timers.tick(TICK_MS)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  it('closes an idle connection after the drain delay', async (t) => {
    const { app, port } = await listening(t, (app) => void app.register(health, { checks: {} }))
    setDrainDelay(app, 100)
    const socket = await answered(connect(port, '127.0.0.1'))
    const since = performance.now()
    const closed = app.close()
    assert.equal(await text(socket), '')
    assert.ok(performance.now() - since >= 100)
    await closed
  })

  it('drains the connections of every listener, and waits for their requests', async (t) => {
    const { app, release } = held()
    const addresses = ['127.0.0.1', '::1']
    await listenOnEach(app, addresses, 0)
    t.after(() => app.close())
    const { port } = app.server.address() as AddressInfo // it listens on TCP
    setDrainDelay(app, DELAY_MS)
    const pending = connect(port, '::1')
    pending.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n')
    const idle = await answered(connect(port, '::1'))
    let isClosed = false
    const closed = app.close().then(() => {
      isClosed = true
    })
    for (const address of addresses) await refused(port, address)
    idle.write(REQUEST)
    assert.match(await text(idle), /^HTTP\/1\.1 200 .*connection: close/is)
    assert.equal(isClosed, false)
    release()
    const [response] = await once(pending, 'data')
    assert.match(String(response), /^HTTP\/1\.1 200 /)
    pending.destroy()
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

/** Sends a request on the connection, and returns it after the response. */
async function answered(socket: Socket): Promise<Socket> {
  socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n')
  const [response] = await once(socket, 'data')
  assert.match(String(response), /^HTTP\/1\.1 200 .*connection: keep-alive/is)
  return socket
}

/** Resolves when no connection is accepted. */
async function refused(port: number, address: string): Promise<void> {
  for (;;) {
    const socket = connect(port, address)
    try {
      await once(socket, 'connect')
    } catch {
      return
    } finally {
      socket.destroy()
    }
  }
}

/** A server whose route `/held` answers after `release`. */
function held() {
  const { logger } = capturedLogger()
  const app = createServer({ logger })
  const released = Promise.withResolvers<void>()
  app.register(health, { checks: {} })
  app.get('/ok', () => ({ ok: true }))
  app.get('/held', async () => {
    await released.promise
    return { ok: true }
  })
  return { app, release: released.resolve }
}
