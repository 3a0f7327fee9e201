import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
  FastifyServerOptions,
} from 'fastify'
import fp from 'fastify-plugin'
import type { Detail } from './error-body.ts'
import { ERROR_CODE_HEADER } from './error-codes.ts'
import { isOvertaken, isUnavailable, isUnstorable } from './faults.ts'
import { badRequest, conflict, JSON_TYPE, Refusal, unavailable } from './refusal.ts'
import type { RequestIds } from './request-id.ts'
import { statusPhrase } from './status-phrase.ts'
import { MAX_DETAILS } from './validation.ts'

/** Our words where Fastify's would repeat the request's own text or leave the caller with nothing to do. */
const SENTENCES: Record<string, string> = {
  FST_ERR_BAD_URL: 'URL is not validly percent-encoded',
  FST_ERR_MAX_PARAM_LENGTH: 'URL has a segment that is too long',
  FST_ERR_CTP_BODY_TOO_LARGE: 'Body is too large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'Body is not valid JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'Body length does not match Content-Length',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Content-Type is missing or not supported: use application/json',
}

/** Anything thrown, turned into what the caller may read. Unexpected errors say nothing. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (isClientError(error)) {
    const sentence = SENTENCES[error.code ?? ''] ?? error.message
    return new Refusal(error.statusCode, sentence, { cause: error.code })
  }
  if (isUnstorable(error)) return badRequest('Request has a value that cannot be stored, a NUL character for example')
  if (isOvertaken(error)) return conflict('conflict', 'Something that this request refers to changed in the meantime')
  if (isUnavailable(error)) return unavailable(error)
  return new Refusal(500, 'Something went wrong on our side', { cause: error })
}

/** Answers a request with a refusal, in the shape that fits the request. */
export type SendRefusal = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => void

export interface ErrorHandlingOptions {
  readonly send: SendRefusal
}

/**
 * The renderer of every error that Fastify knows of. `createServer` has registered it already; other plugins name
 * `error-handling` as a dependency.
 */
export const errorHandling = fp<ErrorHandlingOptions>(
  async (app: FastifyInstance, { send }) => {
    app.setErrorHandler((error, request, reply) => {
      const refusal = toRefusal(error)
      logRefusal(reply, refusal, error)
      // RFC 9110 §11.6.1: a 401 names a scheme, whoever made it.
      if (refusal.statusCode === 401 && !reply.hasHeader('www-authenticate')) {
        reply.header('www-authenticate', 'Bearer')
      }
      send(request, reply, refusal)
    })
  },
  { name: 'error-handling' },
)

/** Server options for the errors that happen before there is a route: Fastify's own, and those of the socket. */
export const earlyErrors = (ids: RequestIds, send: SendRefusal) =>
  ({
    frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
      const refusal = toRefusal(error)
      logRefusal(reply, refusal, error)
      send(request, reply.header('x-request-id', request.id), refusal)
    },
    clientErrorHandler(this: FastifyInstance, error: NodeJS.ErrnoException, socket: Socket) {
      if (error.code === 'ECONNRESET' || socket.destroyed) return
      const refusal = SOCKET_ERRORS[error.code ?? ''] ?? MALFORMED
      // There is no request that could be read, so the id is of the refusal itself: what the caller can quote.
      const requestId = ids.next()
      this.log.info({ requestId, statusCode: refusal.statusCode, code: error.code }, 'connection refused')
      if (socket.writable && !isAnswering(socket)) socket.write(rawResponse(refusal, requestId))
      socket.destroy()
    },
  }) satisfies FastifyServerOptions

/** Answers, in our form, what Node would refuse by itself: `Expect` other than `100-continue` (RFC 9110 §10.1.1). */
export function refuseExpectations(app: { server: Server }, ids: RequestIds): void {
  app.server.on('checkExpectation', (request, response) => {
    response.writeHead(UNEXPECTED.statusCode, {
      'content-type': JSON_TYPE,
      'content-length': Buffer.byteLength(UNEXPECTED.payload),
      'x-request-id': ids.of(request),
      [ERROR_CODE_HEADER]: UNEXPECTED.code,
      connection: 'close',
    })
    response.end(UNEXPECTED.payload)
  })
}

const MALFORMED = badRequest('Malformed HTTP request')
const SOCKET_ERRORS: Record<string, Refusal> = {
  ERR_HTTP_REQUEST_TIMEOUT: new Refusal(408, 'Request took too long to arrive'),
  HPE_HEADER_OVERFLOW: new Refusal(431, 'Request headers are too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new Refusal(413, 'Chunk extensions are too large'),
}
const UNEXPECTED = new Refusal(417, 'Expect is not supported, other than 100-continue')

/**
 * A request that does not fit its schema. As Fastify's `schemaErrorFormatter` it is the error from the start: there is
 * no other text of the same to hide, and no stack to pay for.
 */
export function invalidRequest(issues: readonly FastifySchemaValidationError[], part: string): Refusal {
  const details: Detail[] = issues.slice(0, MAX_DETAILS).map(({ instancePath, message = 'Invalid' }) => ({
    // An unknown member, or a body that is no object, has no path of its own.
    path: instancePath.slice(1).replaceAll('/', '.') || part,
    message,
  }))
  return badRequest(details.map(({ path, message }) => `${path}: ${message}`).join('; '), details)
}

/** An error with a 4xx status, so that the texts of Fastify and its plugins pass. */
function isClientError(error: unknown): error is Error & { statusCode: number; code?: string } {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode <= 499
}

function logRefusal(reply: FastifyReply, refusal: Refusal, error: unknown): void {
  const { statusCode, message, cause: why } = refusal
  if (statusCode >= 500) reply.log.error({ statusCode, err: error }, 'request failed')
  // PostgreSQL refused what our schemas and checks let pass: a gap in a schema, or a race with another change.
  else if (isUnstorable(error) || isOvertaken(error)) reply.log.warn({ statusCode, err: error }, 'request refused')
  else reply.log.info({ statusCode, error: message, why }, 'request refused')
}

/** Whether an answer has begun on this connection: a second one would be read as part of it. */
function isAnswering(socket: Socket): boolean {
  // Node's own default handler asks the same private member (lib/_http_server.js, socketOnError).
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null }
  return current?.headersSent === true
}

function rawResponse(refusal: Refusal, requestId: string): string {
  return [
    `HTTP/1.1 ${refusal.statusCode} ${statusPhrase(refusal.statusCode)}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(refusal.payload)}`,
    `X-Request-Id: ${requestId}`,
    `X-Error-Code: ${refusal.code}`,
    'Connection: close',
    '',
    refusal.payload,
  ].join('\r\n')
}
