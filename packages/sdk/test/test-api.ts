import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Scope } from '@daytona-auth/testing'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  /** Sent as JSON unless it is text; `undefined` ends the connection instead. */
  readonly body?: unknown
}

/** Starts an HTTP server that sends `replies` in turn, and then the last one again. */
export async function startApi(scope: Scope, ...replies: (Reply | 'hang up')[]) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    received.push({ method, path, headers, body: await text(request) })
    const reply = replies[Math.min(received.length, replies.length) - 1] ?? {}
    if (reply === 'hang up') return request.socket.destroy()
    const { status = 200, headers: own = {}, body = {} } = reply
    const isText = typeof body === 'string'
    const type = isText ? 'text/html' : 'application/json; charset=utf-8'
    return response.writeHead(status, { 'content-type': type, ...own }).end(isText ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, received }
}

/** Creates an error response of the API. */
export const denialReply = (statusCode: number, error: string, headers: Record<string, string> = {}): Reply => ({
  status: statusCode,
  headers: { 'x-request-id': 'r1', ...headers },
  body: { statusCode, message: 'No', error },
})
