import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from './file-scope.ts'

/** A proxy between a client and a server that simulates network failures. */
export interface TcpProxy {
  readonly port: number
  /** The target URL with the address of the proxy. */
  readonly url: string
  /** Keeps connections open but forwards nothing in either direction, as with a failed switch or a half-open socket. */
  stall(): void
  /** Resets new connections immediately and cuts the open ones. */
  refuse(): void
  /** Forwards everything from now on, with a delay of `ms`, including stalled data. */
  pass(ms?: number): void
  /** Open connections keep acknowledging but never forward again. New ones follow the mode. */
  silence(): void
  /** Cuts the open connections. New ones follow the mode. */
  cut(): void
  /** Returns the number of connections accepted so far. */
  connections(): number
}

/**
 * Forwards a free port of 127.0.0.1 to the host and port of `targetUrl`, until the end of `scope`.
 */
export async function tcpProxy(scope: Scope, targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl)
  let mode: 'pass' | 'stall' | 'refuse' = 'pass'
  let delayMs = 0
  let accepted = 0
  let changed = Promise.withResolvers<void>()
  const open = new Set<Socket>()
  const silent = new WeakSet<Socket>()

  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.resetAndDestroy()
      return
    }
    accepted += 1
    const upstream = connect({ host: target.hostname, port: Number(target.port) })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from)
      from.on('error', () => to.destroy())
      from.once('close', () => open.delete(from))
      forward(from, to).catch(() => to.destroy())
    }
  })

  async function forward(from: Socket, to: Socket) {
    for await (const chunk of from) {
      if (delayMs > 0) await delay(delayMs)
      while (mode === 'stall') await changed.promise
      if (to.destroyed) return
      if (silent.has(from)) continue
      to.write(chunk)
    }
    to.end()
  }

  function setMode(next: typeof mode) {
    mode = next
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function cut() {
    for (const socket of open) {
      // Node never closes a socket that is reset while its FIN is being sent, and the process then never exits.
      if (socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  scope.after(async () => {
    setMode('refuse')
    cut()
    server.close()
    await once(server, 'close')
  })
  const url = new URL(targetUrl)
  url.hostname = '127.0.0.1'
  url.port = String(address.port)

  return {
    port: address.port,
    url: url.href,
    stall: () => setMode('stall'),
    refuse() {
      setMode('refuse')
      cut()
    },
    pass(ms = 0) {
      delayMs = ms
      setMode('pass')
    },
    silence() {
      for (const socket of open) silent.add(socket)
    },
    cut,
    connections: () => accepted,
  }
}
