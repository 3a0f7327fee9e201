import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Clock } from '../clock.ts'
import { DaytonaAuthError } from '../error.ts'
import { type Http, type ScopedRequestOptions, toInit } from '../http.ts'
import type { AuditLog } from '../schemas.ts'
import { EVENT_STREAM } from '../transport.ts'

/** The first request with a secret of an API key. */
export interface ApiKeyFirstUse {
  /** The home organization of the API key. */
  readonly organizationId: string
  readonly keyId: string
  readonly usedAt: string
}

/** An event of an organization. After a `reset`, events may be missing: read again what you show. */
export type OrganizationEvent =
  | { readonly type: 'audit'; readonly id: string; readonly event: AuditLog }
  | { readonly type: 'api_key.first_use'; readonly use: ApiKeyFirstUse }
  | { readonly type: 'reset' }

export interface EventOptions extends ScopedRequestOptions {
  /** The id of the last event that you received: events after it come first. */
  readonly lastEventId?: string | undefined
  /** Called when a stream has begun, and when it has ended or was lost: first uses of API keys in between are not repeated. */
  readonly onConnectionChange?: ((isConnected: boolean) => void) | undefined
}

/** Until the server names another one, in milliseconds. */
const RETRY_MS = 3000
const MAX_RETRY_MS = 30_000
/** The server sends a comment every 15 s. A connection without three of them is lost, although nothing closed it. */
const IDLE_MS = 45_000
/** Of responses that may succeed later. */
const TRANSIENT = new Set([429, 500, 502, 503, 504])

/**
 * Makes the iterator of events. It connects again when a stream ends, is lost or is silent, and continues after the last event.
 * It throws if the first connection fails, and later for a denial; it ends when its consumer leaves the loop.
 */
export const events = ({ scoped }: Http, clock: Clock) =>
  async function* events({
    lastEventId,
    onConnectionChange,
    ...options
  }: EventOptions = {}): AsyncGenerator<OrganizationEvent, void> {
    const { signal = new AbortController().signal } = options
    let last = lastEventId
    let retryMs = RETRY_MS
    let failures = 0
    let hasConnected = false
    let isConnected = false
    const setConnected = (next: boolean): void => {
      if (next !== isConnected) onConnectionChange?.(next)
      isConnected = next
    }
    for (;;) {
      try {
        const body = await open(scoped, options, last)
        hasConnected = true
        failures = 0
        setConnected(true)
        const reader = failWhenIdle(body, clock)
          .pipeThrough(new TextDecoderStream())
          .pipeThrough(
            new EventSourceParserStream({
              onRetry(ms) {
                retryMs = ms
              },
            }),
          )
          .getReader()
        try {
          // Not `for await`, which some browsers lack for streams.
          for (let next = await reader.read(); !next.done; next = await reader.read()) {
            const { event, id, data } = next.value
            last = id ?? last
            const parsed = parse(event, id, data)
            if (parsed) yield parsed
          }
        } finally {
          // Ends the request when the consumer leaves its loop. A stream that failed cannot be cancelled.
          await reader.cancel().catch(() => undefined)
        }
      } catch (error) {
        signal.throwIfAborted()
        setConnected(false)
        if (!hasConnected || (error instanceof DaytonaAuthError && !TRANSIENT.has(error.statusCode))) throw error
        failures += 1
      }
      setConnected(false)
      await clock.sleep(Math.min(retryMs * 2 ** failures, MAX_RETRY_MS) * (0.5 + clock.random() / 2), signal)
    }
  }

/** @throws DaytonaAuthError for an error response */
async function open(
  client: Http['scoped'],
  options: ScopedRequestOptions,
  lastEventId: string | undefined,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const init = toInit(options)
  const { error, response } = await client.GET('/events', {
    ...init,
    headers: {
      ...init.headers,
      accept: EVENT_STREAM,
      ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
    },
    parseAs: 'stream',
  })
  if (!response.ok || response.body === null) throw new DaytonaAuthError(response, error)
  return response.body
}

/** Fails if nothing arrives for `IDLE_MS` while the consumer waits, and closes the connection. */
function failWhenIdle(body: ReadableStream<Uint8Array<ArrayBuffer>>, clock: Clock): typeof body {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      const waiting = new AbortController()
      const idle = clock.sleep(IDLE_MS, waiting.signal).then(() => {
        throw new Error('the stream of events is silent')
      })
      idle.catch(() => undefined) // it is aborted as soon as something arrives
      try {
        const { done, value } = await Promise.race([reader.read(), idle])
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        // Not awaited: nothing may arrive from a lost connection.
        reader.cancel().catch(() => undefined)
        throw error
      } finally {
        waiting.abort()
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

/** Returns undefined for an event of a later release, which clients must ignore. */
function parse(type: string | undefined, id: string | undefined, data: string): OrganizationEvent | undefined {
  if (type === 'reset') return { type }
  // The server's types; the transport has checked that the response is its own.
  if (type === 'audit' && id !== undefined) return { type, id, event: JSON.parse(data) as AuditLog }
  return type === 'api_key.first_use' ? { type, use: JSON.parse(data) as ApiKeyFirstUse } : undefined
}
