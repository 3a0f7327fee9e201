import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { tcpProxy } from './tcp-proxy.ts'

/** Starts an echo server behind a proxy. */
async function echoBehindProxy(t: TestContext) {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  return tcpProxy(t, `tcp://127.0.0.1:${address.port}`)
}

describe('tcpProxy', () => {
  it('refuses new connections and cuts the open ones', async (t) => {
    const proxy = await echoBehindProxy(t)
    const socket = connect(proxy.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('hello')
    await once(socket, 'data')
    proxy.refuse()
    await assert.rejects(once(socket, 'close', { signal: AbortSignal.timeout(20_000) }), { code: 'ECONNRESET' })
    const late = connect(proxy.port, '127.0.0.1')
    await assert.rejects(once(late, 'end'), { code: 'ECONNRESET' })
  })

  it('forwards nothing while stalled, and everything afterwards', async (t) => {
    const proxy = await echoBehindProxy(t)
    proxy.stall()
    const socket = connect(proxy.port, '127.0.0.1')
    const answer = once(socket, 'data').then(([data]) => String(data))
    socket.write('hello')
    assert.equal(await Promise.race([answer, delay(100, 'nothing')]), 'nothing')
    proxy.pass()
    assert.equal(await answer, 'hello')
    socket.destroy()
  })

  it('silences open connections permanently, but not later ones', async (t) => {
    const proxy = await echoBehindProxy(t)
    const before = connect(proxy.port, '127.0.0.1')
    before.write('hello')
    await once(before, 'data')
    proxy.silence()
    const answer = new Promise((resolve) => before.once('data', (data) => resolve(String(data))))
    before.write('hello')
    const later = connect(proxy.port, '127.0.0.1')
    later.write('hello')
    await once(later, 'data')
    assert.equal(await Promise.race([answer, delay(100, 'nothing')]), 'nothing')
    for (const socket of [before, later]) socket.destroy()
  })

  it('delays both directions', async (t) => {
    const proxy = await echoBehindProxy(t)
    proxy.pass(50)
    const socket = connect(proxy.port, '127.0.0.1')
    const start = performance.now()
    socket.write('hello')
    await once(socket, 'data')
    assert.ok(performance.now() - start >= 98)
    socket.destroy()
  })
})
