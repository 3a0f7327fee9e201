import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Scope } from './file-scope.ts'

/** A span as a collector receives it (OTLP/HTTP, JSON). */
export interface ReceivedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** 2 is an error. */
  readonly status: number
}

/** A collector of traces. */
export interface OtlpCollector {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** Returns all request bodies as text, to search them for secrets. */
  text(): string
  /** Returns the headers of the last request. */
  headers(): IncomingHttpHeaders
  /** From now on requests are read but not answered. */
  hang(): void
  /** Closes the server and its connections. */
  close(): void
}

interface Value {
  readonly stringValue?: string
  readonly intValue?: number | string
}

interface Field {
  readonly key: string
  readonly value: Value
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Field[] }
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[]
  }[]
}

type SentSpan = Omit<ReceivedSpan, 'service' | 'attributes' | 'status'> & {
  readonly attributes: readonly Field[]
  readonly status: { readonly code?: number }
}

/** Starts a collector on a free port of 127.0.0.1, until the end of `scope`. */
export async function otlpCollector(scope: Scope): Promise<OtlpCollector> {
  const bodies: string[] = []
  const spans: ReceivedSpan[] = []
  let headers: IncomingHttpHeaders = {}
  let hangs = false

  const server = createServer(async (request, response) => {
    headers = request.headers
    const body = await text(request)
    if (hangs) return
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      response.writeHead(404).end()
      return
    }
    bodies.push(body)
    spans.push(...spansOf(JSON.parse(body)))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  scope.after(close)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the collector has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    text: () => bodies.join('\n'),
    headers: () => headers,
    hang() {
      hangs = true
    },
    close,
  }
}

function spansOf({ resourceSpans }: Sent): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(recordOf(resource.attributes)['service.name'])
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, attributes, status }) => ({
        service,
        traceId,
        spanId,
        parentSpanId,
        name,
        attributes: recordOf(attributes),
        status: status.code ?? 0,
      })),
    )
  })
}

const recordOf = (fields: readonly Field[]): Record<string, unknown> =>
  Object.fromEntries(fields.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]))
