import { Readable } from 'node:stream'

/** The most bytes that wait for a slow reader, besides those in buffers of sockets. */
const MAX_WAITING_BYTES = 512 * 1024

/** A response of server-sent events (HTML standard, section 9.2). */
export interface EventStream {
  readonly readable: Readable
  /** Sends an event. `data` is JSON, which has no line break. Closes the stream of a reader that is too slow. */
  send(event: { readonly name: string; readonly data: string; readonly id?: string }): void
  /** Sends the id from which the client resumes. Clients' libraries drop an id without an event. */
  setPosition(id: string): void
  /** Keeps proxies from closing the connection. */
  sendComment(): void
  /** Resolves once little waits for the client (64 KiB), or the stream is closed. */
  whenRead(): Promise<void>
  /** Ends the response in order: what waits is still sent, if the client reads it within `endMs`. */
  end(): void
}

export interface EventStreamOptions {
  /** How long the client waits before it reconnects, in milliseconds. */
  readonly retryMs: number
  /** A client that does not read must not delay the end of the server. */
  readonly endMs?: number
}

export function createEventStream({ retryMs, endMs = 3000 }: EventStreamOptions): EventStream {
  let onRead = () => {}
  const readable = new Readable({
    // Called when the consumer has taken what was pushed.
    read() {
      onRead()
    },
  })
  // A stream may be destroyed before it is sent, when nothing else listens: an unhandled `error` would end the process.
  readable.on('error', () => {})
  const write = (text: string) => {
    if (readable.destroyed || readable.readableEnded) return
    if (readable.readableLength + text.length > MAX_WAITING_BYTES) readable.destroy(new Error('the reader is too slow'))
    else readable.push(text)
  }
  let isEnded = false
  write(`retry: ${retryMs}\n\n`)
  return {
    readable,
    send: ({ name, data, id }) => {
      if (!isEnded) write(`event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`)
    },
    setPosition: (id) => {
      if (!isEnded) write(`event: position\nid: ${id}\ndata: {}\n\n`)
    },
    sendComment: () => {
      if (!isEnded) write(':\n\n')
    },
    async whenRead() {
      while (readable.readableLength > readable.readableHighWaterMark && !readable.destroyed) {
        const { promise, resolve } = Promise.withResolvers<void>()
        onRead = resolve
        readable.once('close', resolve)
        await promise
        readable.off('close', resolve)
      }
    },
    end() {
      if (isEnded || readable.destroyed) return
      isEnded = true
      readable.push(null)
      const timer = setTimeout(() => readable.destroy(), endMs)
      readable.once('close', () => clearTimeout(timer))
    },
  }
}
