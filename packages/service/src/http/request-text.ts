import type { FastifyInstance, FastifyRequest } from 'fastify'
import { badRequest, Denial } from './denial.ts'
import { CHARSET_NOT_UTF8, MALFORMED_QUERY } from './form-text.ts'
import { decodeUtf8, isUtf8 } from './utf8.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The request is forwarded unchanged: the other server checks the encoding of its body and query. */
    forwards?: true
  }
}

/**
 * Refuses requests whose text would be decoded wrongly: bodies and queries that are not UTF-8 (400), and bodies that are
 * compressed or in another character set (415), for which there is no decoder.
 */
export function readRequestsAsUtf8(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(request.headers)) return done(CHARSET_NOT_UTF8)
    const text = decodeUtf8(body)
    if (text === undefined) return done(BODY_NOT_UTF8)
    // Some clients set `Content-Type: application/json` on every request, including DELETE. A route that needs a body
    // requires it in its schema.
    if (text === '') return done(null, undefined)
    void parse(request, text, done) // returns its result through `done`
  })

  app.addHook('preParsing', (request, _reply, _payload, done) => {
    if (isEncoded(request) && request.routeOptions.config.forwards !== true) done(ENCODED)
    else done()
  })
  // Before any hook that reads the query, because a malformed one appears empty.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.query === MALFORMED_QUERY && request.routeOptions.config.forwards !== true) done(QUERY_NOT_UTF8)
    else done()
  })
}

const BODY_NOT_UTF8 = badRequest('Body is not valid UTF-8')
export const QUERY_NOT_UTF8 = badRequest(
  'Query is not valid UTF-8, is not validly percent-encoded or has too many parameters',
)
/** RFC 9110 §15.5.16: the response should name the supported codings. */
const ENCODED = new Denial(415, 'Content-Encoding is not supported: send the body as it is', {
  headers: { 'accept-encoding': 'identity' },
})

function isEncoded({ headers }: FastifyRequest): boolean {
  const { 'content-encoding': coding, 'content-length': length, 'transfer-encoding': transfer } = headers
  const hasBody = transfer !== undefined || (length !== undefined && length !== '0')
  return hasBody && coding !== undefined && coding.trim().toLowerCase() !== 'identity'
}
