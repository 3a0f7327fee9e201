import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CHARSET_NOT_UTF8, MALFORMED_QUERY } from './form-text.ts'
import { badRequest, Refusal } from './refusal.ts'
import { decodeUtf8, isUtf8 } from './utf8.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The request goes on as it came: whether its body and query can be read is for another server to say. */
    forwards?: true
  }
}

/**
 * Refuses requests whose text would be read as something else than was sent: bodies and queries that are not UTF-8 (400),
 * and bodies that are compressed or in another character set (415), for which there is no decoder here.
 */
export function readRequestsAsUtf8(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(request.headers)) return done(CHARSET_NOT_UTF8)
    const text = decodeUtf8(body)
    if (text === undefined) return done(BODY_NOT_UTF8)
    // Clients that set `Content-Type: application/json` on everything send it with a DELETE, too. Where a body is needed,
    // the route's schema says so.
    if (text === '') return done(null, undefined)
    void parse(request, text, done) // it answers through `done`
  })

  app.addHook('preParsing', (request, _reply, _payload, done) => {
    if (isEncoded(request) && request.routeOptions.config.forwards !== true) done(ENCODED)
    else done()
  })
  // Before any decision: to whoever reads it, such a query is empty.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.query === MALFORMED_QUERY && request.routeOptions.config.forwards !== true) done(QUERY_NOT_UTF8)
    else done()
  })
}

const BODY_NOT_UTF8 = badRequest('Body is not valid UTF-8')
export const QUERY_NOT_UTF8 = badRequest(
  'Query is not valid UTF-8, is not validly percent-encoded or has too many parameters',
)
/** RFC 9110 §15.5.16 wants the supported codings named. */
const ENCODED = new Refusal(415, 'Content-Encoding is not supported: send the body as it is', {
  headers: { 'accept-encoding': 'identity' },
})

function isEncoded({ headers }: FastifyRequest): boolean {
  const { 'content-encoding': coding, 'content-length': length, 'transfer-encoding': transfer } = headers
  const hasBody = transfer !== undefined || (length !== undefined && length !== '0')
  return hasBody && coding !== undefined && coding.trim().toLowerCase() !== 'identity'
}
