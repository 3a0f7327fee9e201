import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { countedResource } from '@daytona-auth/protocol/quotas'
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
  FastifyServerOptions,
} from 'fastify'
import fp from 'fastify-plugin'
import { badRequest, conflict, Denial, JSON_TYPE, unavailable } from './denial.ts'
import type { Detail } from './error-body.ts'
import { ERROR_CODE_HEADER } from './error-codes.ts'
import { findQuota, isOvertaken, isUnavailable, isUnstorable, type Quota } from './faults.ts'
import type { RequestIds } from './request-id.ts'
import { statusPhrase } from './status-phrase.ts'
import { MAX_DETAILS } from './validation.ts'

/** Replacements for messages of Fastify that repeat the request's text or do not say what to do. */
const SENTENCES: Record<string, string> = {
  FST_ERR_BAD_URL: 'URL is not validly percent-encoded',
  FST_ERR_MAX_PARAM_LENGTH: 'URL has a segment that is too long',
  FST_ERR_CTP_BODY_TOO_LARGE: 'Body is too large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'Body is not valid JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'Body length does not match Content-Length',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Content-Type is missing or not supported: use application/json',
}

/** Converts a thrown value into a denial that the caller may read. Unexpected errors reveal nothing. */
export function toDenial(error: unknown): Denial {
  if (error instanceof Denial) return error
  if (isClientError(error)) {
    const sentence = SENTENCES[error.code ?? ''] ?? error.message
    return new Denial(error.statusCode, sentence, { cause: error.code })
  }
  if (isUnstorable(error)) return badRequest('Request has a value that cannot be stored, such as a NUL character')
  if (isOvertaken(error)) return conflict('conflict', 'Something that this request refers to changed in the meantime')
  const quota = findQuota(error)
  if (quota !== undefined) return quotaReached(quota)
  if (isUnavailable(error)) return unavailable(error)
  return new Denial(500, 'Something went wrong on our side', { cause: error })
}

/** Returns the denial of a creation that exceeds a quota. Only the operator can raise it, so the sentence says so. */
const quotaReached = ({ resource, maximum }: Quota): Denial =>
  conflict(
    'quota_reached',
    `The organization may have at most ${countedResource(resource, maximum)}: remove one, or ask the operator of this service for more`,
  )

/** Sends a denial in the format of the requested URL. */
export type SendDenial = (request: FastifyRequest, reply: FastifyReply, denial: Denial) => void

export interface ErrorHandlingOptions {
  readonly send: SendDenial
}

/**
 * Renders every error that Fastify handles. `createServer` registers it; other plugins name `error-handling` as a
 * dependency.
 */
export const errorHandling = fp<ErrorHandlingOptions>(
  async (app: FastifyInstance, { send }) => {
    app.setErrorHandler((error, request, reply) => {
      const denial = toDenial(error)
      logDenial(reply, denial, error)
      // RFC 9110 §11.6.1: every 401 names a scheme, including those of plugins.
      if (denial.statusCode === 401 && !reply.hasHeader('www-authenticate')) {
        reply.header('www-authenticate', 'Bearer')
      }
      send(request, reply, denial)
    })
  },
  { name: 'error-handling' },
)

/** Returns server options for errors before routing: those of Fastify and of the socket. */
export const earlyErrors = (ids: RequestIds, send: SendDenial) =>
  ({
    frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
      const denial = toDenial(error)
      logDenial(reply, denial, error)
      send(request, reply.header('x-request-id', request.id), denial)
    },
    clientErrorHandler(this: FastifyInstance, error: NodeJS.ErrnoException, socket: Socket) {
      if (error.code === 'ECONNRESET' || socket.destroyed) return
      const denial = SOCKET_ERRORS[error.code ?? ''] ?? MALFORMED
      // No request was parsed, so the id identifies the denial itself, for the caller to quote.
      const requestId = ids.next()
      this.log.info({ requestId, statusCode: denial.statusCode, code: error.code }, 'connection refused')
      if (socket.writable && !isAnswering(socket)) socket.write(rawResponse(denial, requestId))
      socket.destroy()
    },
  }) satisfies FastifyServerOptions

/** Answers `Expect` other than `100-continue` (RFC 9110 §10.1.1) with our error body, which Node's own denial lacks. */
export function denyExpectations(app: { server: Server }, ids: RequestIds): void {
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
const SOCKET_ERRORS: Record<string, Denial> = {
  ERR_HTTP_REQUEST_TIMEOUT: new Denial(408, 'Request took too long to arrive'),
  HPE_HEADER_OVERFLOW: new Denial(431, 'Request headers are too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new Denial(413, 'Chunk extensions are too large'),
}
const UNEXPECTED = new Denial(417, 'Expect is not supported, except for 100-continue')

/**
 * Returns the denial of a request that violates its schema. As Fastify's `schemaErrorFormatter`, it creates the only error
 * object: no other message has to be hidden, and no stack is captured.
 */
export function invalidRequest(issues: readonly FastifySchemaValidationError[], part: string): Denial {
  const details: Detail[] = issues.slice(0, MAX_DETAILS).map(({ instancePath, message = 'Invalid' }) => ({
    // The issue of an unknown member, or of a body that is not an object, has an empty path.
    path: instancePath.slice(1).replaceAll('/', '.') || part,
    message,
  }))
  return badRequest(details.map(({ path, message }) => `${path}: ${message}`).join('; '), details)
}

/** Whether an error has a 4xx status, so that the messages of Fastify and its plugins reach the client. */
function isClientError(error: unknown): error is Error & { statusCode: number; code?: string } {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode <= 499
}

function logDenial(reply: FastifyReply, denial: Denial, error: unknown): void {
  const { statusCode, message, cause: why } = denial
  if (statusCode >= 500) reply.log.error({ statusCode, err: error }, 'request failed')
  // PostgreSQL refused a value that passed our schemas and checks: a gap in a schema, or a race with another change.
  else if (isUnstorable(error) || isOvertaken(error)) reply.log.warn({ statusCode, err: error }, 'request refused')
  else reply.log.info({ statusCode, error: message, why }, 'request refused')
}

/** Whether a response has begun on this connection. A client would read a second one as part of it. */
function isAnswering(socket: Socket): boolean {
  // Node's default handler reads the same private member (lib/_http_server.js, socketOnError).
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null }
  return current?.headersSent === true
}

function rawResponse(denial: Denial, requestId: string): string {
  return [
    `HTTP/1.1 ${denial.statusCode} ${statusPhrase(denial.statusCode)}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(denial.payload)}`,
    `X-Request-Id: ${requestId}`,
    `X-Error-Code: ${denial.code}`,
    'Connection: close',
    '',
    denial.payload,
  ].join('\r\n')
}
