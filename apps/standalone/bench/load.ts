import { connect, type Socket } from 'node:net'

/** The requests to send, and a callback for the responses. */
export interface Work {
  /** Returns the bytes of the next request, or `undefined` if there are no more. */
  next(): Buffer | undefined
  /** Called with the body of each response. */
  onAnswer?(body: string): void
}

export interface Slot {
  readonly requests: number
  readonly elapsedMs: number
}

export interface Load {
  /** Sends requests on all connections, one at a time on each, until the time has passed or no request is left. */
  slot(work: Work, ms?: number): Promise<Slot>
  close(): void
}

const HEADERS_END = Buffer.from('\r\n\r\n')
const LENGTH = /\r\ncontent-length: (\d+)/i

/**
 * Opens a minimal load generator, so that the server's core is the one that is full. It writes prepared bytes and reads
 * the status and the end of each response. Keep-alive, one request at a time on each connection: pipelined requests
 * would share the cost of a system call, and no real client sends them.
 */
export async function openLoad(url: string, connections: number, expectedStatus: number): Promise<Load> {
  const { hostname, port } = new URL(url)
  const clients = await Promise.all(
    Array.from({ length: connections }, () => openClient(hostname, Number(port), expectedStatus)),
  )
  return {
    async slot(work, ms = Number.POSITIVE_INFINITY) {
      const start = performance.now()
      const isOver = () => performance.now() - start >= ms
      const sleep = stayAwake()
      const counts = await Promise.all(clients.map((client) => run(client, work, isOver))).finally(sleep)
      return { requests: counts.reduce((sum, count) => sum + count, 0), elapsedMs: performance.now() - start }
    },
    close() {
      for (const client of clients) client.socket.destroy()
    },
  }
}

/**
 * Keeps this process awake between responses until the returned function is called. A server whose client sleeps pays
 * for waking it with each response: an interrupt to another core, which takes microseconds in a virtual machine, and
 * which the slower of two servers pays more often.
 */
function stayAwake(): () => void {
  let turn = setImmediate(function again() {
    turn = setImmediate(again)
  })
  return () => clearImmediate(turn)
}

interface Client {
  readonly socket: Socket
  onAnswer: (body: string) => void
  onFailure: (error: Error) => void
}

function run(client: Client, work: Work, isOver: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0
    const send = () => {
      const request = isOver() ? undefined : work.next()
      if (request) client.socket.write(request)
      else resolve(answered)
    }
    client.onFailure = reject
    client.onAnswer = (body) => {
      answered += 1
      work.onAnswer?.(body)
      send()
    }
    send()
  })
}

async function openClient(host: string, port: number, expectedStatus: number): Promise<Client> {
  const socket = connect({ host, port, noDelay: true })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const client: Client = { socket, onAnswer() {}, onFailure() {} }
  const start = `HTTP/1.1 ${expectedStatus} `

  let rest: Buffer | undefined
  socket.on('data', (chunk: Buffer) => {
    const received = rest ? Buffer.concat([rest, chunk]) : chunk
    const headersEnd = received.indexOf(HEADERS_END)
    const bodyStart = headersEnd + HEADERS_END.length
    const headers = received.toString('latin1', 0, Math.max(0, headersEnd))
    const isWhole = headersEnd !== -1 && received.length >= bodyStart + Number(LENGTH.exec(headers)?.[1])
    rest = isWhole ? undefined : received
    if (!isWhole) return
    if (headers.startsWith(start)) client.onAnswer(received.toString('latin1', bodyStart))
    else client.onFailure(new Error(`expected ${expectedStatus}, got: ${received.toString('latin1')}`))
  })
  socket.on('error', (error) => client.onFailure(error))
  socket.on('close', () => client.onFailure(new Error('the server closed a connection')))
  return client
}
