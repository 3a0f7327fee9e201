import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { certificateAuthority, type Scope } from '@daytona-auth/testing'

/** An https server of metadata documents, whose certificate this process trusts. */
export interface DocumentServer {
  readonly origin: string
  /** The paths of the requests, in their order. */
  readonly requests: string[]
  /** What each path answers; other paths are not found. */
  readonly answers: Map<string, DocumentAnswer>
  /** Serves metadata at a path, with its URL as `client_id`. Returns the URL. */
  publish(path: string, metadata: object, headers?: Record<string, string>): string
}

export interface DocumentAnswer {
  readonly status?: number
  readonly headers?: Record<string, string>
  /** Without it, the response never ends. */
  readonly body?: string
}

export async function documentServer(scope: Scope): Promise<DocumentServer> {
  const authority = await certificateAuthority(scope, 'Documents')
  const { cert, key } = await authority.issue('127.0.0.1', ['IP:127.0.0.1', 'DNS:localhost'])
  setDefaultCACertificates([...getCACertificates('default'), await readFile(authority.root, 'utf8')])
  const requests: string[] = []
  const answers = new Map<string, DocumentAnswer>()
  const server: Server = createServer({ cert: await readFile(cert), key: await readFile(key) }, (request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const { status = 200, headers = {}, body } = answers.get(path) ?? { status: 404, body: '' }
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    if (body === undefined) response.write('{')
    else response.end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    requests,
    answers,
    publish(path, metadata, headers = {}) {
      const url = origin + path
      answers.set(path, { headers, body: JSON.stringify({ client_id: url, ...metadata }) })
      return url
    },
  }
}
