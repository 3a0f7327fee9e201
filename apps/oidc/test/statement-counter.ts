import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Scope } from '@daytona-auth/testing'

/** Counts the statements of a process at the wire protocol, so that none is missed. */
export interface StatementCounter {
  /** The URL of the database behind the counter. */
  readonly url: string
  /** The statements of requests. The invalidation channel and the periodic tasks have their own connections, and are excluded. */
  count(): number
}

/** Message types of a client (PostgreSQL documentation, "Message Formats"): Execute of a prepared one, simple Query. */
const EXECUTE = 0x45
const QUERY = 0x51
const SSL_REQUEST_BYTES = 8

/** Connections of what a process executes by time, regardless of requests. */
const EXCLUDED = ['daytona-auth channel', 'daytona-auth oidc background']

export async function statementCounter(scope: Scope, targetUrl: string): Promise<StatementCounter> {
  const target = new URL(targetUrl)
  let statements = 0
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) })
    const read = messageReader((type, isExcluded) => {
      if (!isExcluded && (type === EXECUTE || type === QUERY)) statements += 1
    })
    client.on('data', (chunk: Buffer) => {
      read(chunk)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => client.write(chunk))
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => server.close())
  const url = new URL(targetUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, count: () => statements }
}

/** Splits one client's bytes into messages. The first has no type; it contains the application name. */
function messageReader(onMessage: (type: number, isExcluded: boolean) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let isExcluded: boolean | undefined
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const start = isExcluded === undefined ? 0 : 1
      if (rest.length < start + 4) return
      const end = start + rest.readUInt32BE(start)
      if (rest.length < end) return
      // An SSLRequest, which contains no name, may come before.
      const isSslRequest = isExcluded === undefined && end === SSL_REQUEST_BYTES
      if (isExcluded === undefined && !isSslRequest) {
        const startup = rest.subarray(0, end)
        isExcluded = EXCLUDED.some((name) => startup.includes(name))
      } else if (isExcluded !== undefined) onMessage(rest.readUInt8(0), isExcluded)
      rest = rest.subarray(end)
    }
  }
}
