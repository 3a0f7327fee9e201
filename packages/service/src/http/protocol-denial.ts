import type { FastifyReply } from 'fastify'
import { noteDenial } from '../observability/request-record.ts'
import { type Denial, JSON_TYPE, quotable, reasonOf } from './denial.ts'

/**
 * Sends a denial as an OAuth 2.0 error (RFC 6749 §5.2) instead of the API's error body: for everything under `/oauth`,
 * including denials before the provider reads the request. Never cacheable.
 */
export function sendProtocolDenial<Reply extends FastifyReply>(reply: Reply, denial: Denial): Reply {
  const { statusCode, message, headers } = denial
  noteDenial(reply.request.raw, reasonOf(denial))
  if (headers !== undefined) reply.headers(headers)
  reply
    .code(statusCode)
    .headers({ 'content-type': JSON_TYPE, 'cache-control': 'no-store', pragma: 'no-cache' })
    .send(JSON.stringify({ error: protocolError(statusCode), error_description: quotable(message) }))
  return reply
}

/** Returns the error code of RFC 6749 (for 429 of RFC 8628) for a status. */
export function protocolError(statusCode: number): string {
  if (statusCode === 429) return 'slow_down'
  if (statusCode === 503) return 'temporarily_unavailable'
  return statusCode >= 500 ? 'server_error' : 'invalid_request'
}

/** Whether a URL belongs to the provider. `/oauth-apps` belongs to the API. */
export const isProtocolUrl = (url: string | undefined): boolean => /^\/oauth(?:[/?]|$)/.test(url ?? '')
