import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { TestContext } from 'node:test'
import { createLogger, createServer, type Server, type ServerOptions } from '../src/index.ts'

export interface Listening {
  app: Server
  port: number
  origin: string
  /** Returns the log lines of requests so far, parsed. */
  lines(): Record<string, unknown>[]
  /** Returns the log so far, as written. */
  log(): string
}

/** Creates a logger whose lines a test can read. */
export function capturedLogger() {
  let log = ''
  const stream = {
    write: (line: string) => {
      log += line
    },
  }
  return { logger: createLogger({ service: 'test', level: 'trace', stream }), log: () => log }
}

/** Starts a server on a free port and stops it after the test. `routes` adds to it before it listens. */
export async function listening(
  t: TestContext,
  routes: (app: Server) => void = () => {},
  options: Partial<ServerOptions> = {},
): Promise<Listening> {
  const { logger, log } = capturedLogger()
  const app = createServer({ logger, ...options })
  routes(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => app.close())
  const { port } = app.server.address() as AddressInfo // it listens on TCP
  const lines = () =>
    log()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .filter((line) => line.requestId !== undefined)
  return { app, port, origin: `http://127.0.0.1:${port}`, lines, log }
}

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * Writes bytes to a port, further bytes after its first answer, and reads until the server closes the connection. For input
 * that no HTTP client sends.
 */
export async function rawRequest(
  port: number,
  bytes: string,
  then?: { after: string; bytes: string },
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    if (then && text.includes(then.after)) socket.write(then.bytes)
  })
  // The server resets a connection whose request it has not read completely; its answer has been received by then.
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...fields] = text.slice(0, end).split('\r\n')
  const headers = fields.map((field) => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
  })
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: text.slice(end + 4) }
}
