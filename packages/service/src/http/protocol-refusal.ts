import type { FastifyReply } from 'fastify'
import { JSON_TYPE, type Refusal } from './refusal.ts'

/**
 * Sends a refusal as an OAuth 2.0 error (RFC 6749 §5.2) and not in the API's shape: for everything under `/oauth`, also
 * what is refused before the provider reads it. Never cacheable.
 */
export function sendProtocolRefusal<Reply extends FastifyReply>(reply: Reply, refusal: Refusal): Reply {
  const { statusCode, message, headers } = refusal
  if (headers !== undefined) reply.headers(headers)
  reply
    .code(statusCode)
    .headers({ 'content-type': JSON_TYPE, 'cache-control': 'no-store', pragma: 'no-cache' })
    .send(JSON.stringify({ error: protocolError(statusCode), error_description: describe(message) }))
  return reply
}

/** The error code of RFC 6749 (and of RFC 8628 for 429) that fits a status. */
export function protocolError(statusCode: number): string {
  if (statusCode === 429) return 'slow_down'
  if (statusCode === 503) return 'temporarily_unavailable'
  return statusCode >= 500 ? 'server_error' : 'invalid_request'
}

/** Whether a URL is the provider's. `/oauth-apps` is the API's. */
export const isProtocolUrl = (url: string | undefined): boolean => /^\/oauth(?:[/?]|$)/.test(url ?? '')

/** RFC 6749 §5.2 allows only these characters. */
const describe = (message: string): string => message.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")
