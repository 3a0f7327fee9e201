import type { IncomingMessage } from 'node:http'
import type { TrustsPeer } from '../network/trusted-proxies.ts'

/** The headers of W3C Trace Context and Baggage. */
export const TRACE_HEADERS: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage'])

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/**
 * Returns the trace id of a request from a trusted proxy. Anyone else could assign our log lines to a trace of theirs, as
 * with a request id.
 */
export function givenTraceId({ headers, socket }: IncomingMessage, trusts: TrustsPeer): string | undefined {
  const { traceparent } = headers
  if (typeof traceparent !== 'string' || !trusts(socket.remoteAddress)) return undefined
  return TRACEPARENT.exec(traceparent)?.[1]
}

/** Returns the headers of that trace, to forward. */
export function givenTraceHeaders(request: IncomingMessage, trusts: TrustsPeer): Record<string, string> {
  const { traceparent, tracestate } = request.headers
  if (typeof traceparent !== 'string' || givenTraceId(request, trusts) === undefined) return {}
  return { traceparent, ...(typeof tracestate === 'string' && { tracestate }) }
}
