import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { formatPage, HEADERS, type ResultPage } from './result-page.ts'

/** An HTTP server on loopback that receives the redirect (RFC 8252 section 7.3). */
export interface Loopback {
  readonly redirectUri: string
  /**
   * The first redirect with our `state`. Other requests to the port, which any web page can send, are rejected and change
   * nothing.
   */
  readonly answer: Promise<LoopbackAnswer>
  /** Number of rejected requests. */
  readonly rejected: () => number
  close(): void
}

export interface LoopbackAnswer {
  readonly url: URL
  /** Shows the result in the browser. */
  respond(page: ResultPage): void
}

/** Listens on a free port of 127.0.0.1 until `close`. */
export async function listenOnLoopback(state: string): Promise<Loopback> {
  let resolve: (answer: LoopbackAnswer) => void = () => {}
  // `Promise.withResolvers` is not in Node 20.
  const answer = new Promise<LoopbackAnswer>((settle) => {
    resolve = settle
  })
  let rejected = 0
  const server = createServer((request, response) => {
    const url = URL.canParse(request.url ?? '', redirectUri) ? new URL(request.url ?? '', redirectUri) : undefined
    if (url?.pathname !== '/callback') return void response.writeHead(404, { connection: 'close' }).end()
    // A host name that resolves to 127.0.0.1 would let a foreign page read our responses: DNS rebinding.
    const isOurs =
      request.method === 'GET' && request.headers.host === url.host && url.searchParams.get('state') === state
    if (!isOurs) {
      rejected += 1
      return sendPage(response, 400, 'stray')
    }
    resolve({ url, respond: (page) => sendPage(response, page === 'done' ? 200 : 400, page) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the loopback server has no port')
  const redirectUri = `http://127.0.0.1:${address.port}/callback`
  return {
    redirectUri,
    answer,
    rejected: () => rejected,
    close() {
      server.close()
      server.closeIdleConnections()
      // A browser that is still reading the last page does not keep the terminal waiting.
      setTimeout(() => server.closeAllConnections(), 1000).unref()
    },
  }
}

function sendPage(response: ServerResponse, status: number, page: ResultPage) {
  response.writeHead(status, HEADERS).end(formatPage(page))
}
