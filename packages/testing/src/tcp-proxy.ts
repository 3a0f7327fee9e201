import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from './database.ts'

/** A network that can fail, between a client and a server. */
export interface TcpProxy {
  readonly port: number
  /** The address behind which the target now is. */
  readonly url: string
  /** Connections stay open and nothing comes through any more, in either direction: a dead switch, a half-open socket. */
  stall(): void
  /** New connections are reset at once, open ones are cut. */
  refuse(): void
  /** Everything comes through from now on, `ms` late; also what was stalled. */
  pass(ms?: number): void
  /** Open connections go on acknowledging, and never carry anything again. New ones are as the mode says. */
  silence(): void
  /** Cuts the open connections; new ones are as the mode says. */
  cut(): void
  /** Connections accepted so far. */
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
      carry(from, to).catch(() => to.destroy())
    }
  })

  async function carry(from: Socket, to: Socket) {
    for await (const chunk of from) {
      if (delayMs > 0) await delay(delayMs)
      while (mode === 'stall') await changed.promise
      if (to.destroyed) return
      if (silent.has(from)) continue
      to.write(chunk)
    }
    to.end()
  }

  function become(next: typeof mode) {
    mode = next
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function cut() {
    for (const socket of open) {
      // Node never closes one that is reset while its end is being sent, and the process then never exits.
      if (socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  scope.after(async () => {
    become('refuse')
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
    stall: () => become('stall'),
    refuse() {
      become('refuse')
      cut()
    },
    pass(ms = 0) {
      delayMs = ms
      become('pass')
    },
    silence() {
      for (const socket of open) silent.add(socket)
    },
    cut,
    connections: () => accepted,
  }
}
