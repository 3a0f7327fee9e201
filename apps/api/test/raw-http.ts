import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Scope } from '@daytona-auth/testing'

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type SendTarget = (
  method: string,
  target: string,
  options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
) => Promise<WireAnswer>

/** Returns a client that sends request targets unchanged; `fetch` normalizes them. */
export function targetSender(scope: Scope, port: number): SendTarget {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  scope.after(() => agent.destroy())
  return (method, target, { headers = {}, body } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
    // For some methods Node sets no Content-Length.
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path: target,
      agent,
      headers: { ...headers, ...length },
    })
    outgoing.on('error', (error) => reject(new Error(`${method} ${target}`, { cause: error })))
    outgoing.on('response', (answer) => {
      if (answer.headers['content-type']?.startsWith('text/event-stream')) {
        // It does not end: its headers are the answer.
        answer.destroy()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' })
        return
      }
      text(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
        reject,
      )
    })
    outgoing.end(body)
    return promise
  }
}
