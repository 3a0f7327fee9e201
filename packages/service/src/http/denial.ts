import type { FastifyReply } from 'fastify'
import { noteDenial } from '../observability/request-record.ts'
import { type Detail, type ErrorBody, errorBody } from './error-body.ts'
import { defaultErrorCode, ERROR_CODE_HEADER, type ErrorCode, type ErrorCodeOf } from './error-codes.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

export interface DenialOptions {
  /** The error code for programs. The first code of the status by default. */
  code?: ErrorCode
  /** The reason, for the log only. */
  cause?: unknown
  /** Headers of the response, such as `WWW-Authenticate`. */
  headers?: Readonly<Record<string, string>>
  /** The invalid members of the request. For 400 only. */
  details?: readonly Detail[]
}

/** An error response. `message` is sent to the caller as `error`; `cause` is only logged. */
export class Denial extends Error {
  override readonly name = 'Denial'
  readonly statusCode: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly details: readonly Detail[] | undefined
  #payload: string | undefined

  constructor(statusCode: number, message: string, { code, cause, headers, details }: DenialOptions = {}) {
    // A denial is a response, not a fault: its stack is useless and would take 90 % of its cost.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message, cause === undefined ? undefined : { cause })
    Error.stackTraceLimit = limit
    this.statusCode = statusCode
    this.code = code ?? defaultErrorCode(statusCode)
    this.headers = headers
    this.details = details
  }

  get body(): ErrorBody {
    return errorBody(this.statusCode, this.message, this.details)
  }

  /** The body as JSON, serialized once: hot paths reuse their denials. */
  get payload(): string {
    this.#payload ??= JSON.stringify(this.body)
    return this.#payload
  }
}

const BEARER = { 'www-authenticate': 'Bearer' }

/** Returns a 401. `error` distinguishes keys from tokens but never reveals the reason. */
export const unauthorized = (
  why: unknown,
  { error = 'Invalid or expired API key', headers = BEARER }: { error?: string; headers?: Record<string, string> } = {},
) => new Denial(401, error, { cause: why, headers })

export interface ForbiddenOptions {
  error?: string
  code?: ErrorCodeOf<403>
  /** The missing permissions, separated by spaces. */
  scope?: string
  /** The reason in the log, if it is not the description. */
  cause?: unknown
  headers?: Record<string, string>
}

/**
 * Returns a 403, for things that the caller may see. For others use `notFound`. `description` states the cause to the caller,
 * as the `error_description` of the challenge (RFC 6750 section 3). It must not repeat text of the request.
 */
export function forbidden(
  description: string,
  { error = 'Insufficient permissions', code, scope, cause = description, headers }: ForbiddenOptions = {},
): Denial {
  const challenge = [
    ...(code === undefined ? ['error="insufficient_scope"'] : []),
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    `error_description="${quotable(description)}"`,
  ].join(', ')
  return new Denial(403, error, {
    ...(code && { code }),
    cause,
    headers: { ...headers, 'www-authenticate': `Bearer ${challenge}` },
  })
}

/** Replaces what an `error_description` must not contain (RFC 6749 section 5.2, RFC 6750 section 3). */
export const quotable = (text: string): string => text.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")

/** Returns a 400. `error` states what the developer has to change. */
export const badRequest = (error: string, details?: readonly Detail[], code?: ErrorCodeOf<400>) =>
  new Denial(400, error, { ...(details && { details }), ...(code && { code }) })

const NOT_FOUND = {
  Route: 'not_found',
  'API key': 'api_key_not_found',
  Organization: 'organization_not_found',
  Role: 'role_not_found',
  Member: 'member_not_found',
  Invitation: 'invitation_not_found',
  'OAuth app': 'oauth_app_not_found',
  'OAuth app secret': 'oauth_app_secret_not_found',
  'App decision': 'app_decision_not_found',
  'App request': 'app_request_not_found',
  'Resource server': 'resource_server_not_found',
  Domain: 'domain_not_found',
  'Identity provider': 'identity_provider_not_found',
  Session: 'session_not_found',
  'Authorized app': 'authorized_app_not_found',
  Sandbox: 'sandbox_not_found',
  Snapshot: 'snapshot_not_found',
  Volume: 'volume_not_found',
  Registry: 'registry_not_found',
} as const satisfies Record<string, ErrorCodeOf<404>>

/** The kinds of things in a 404. */
export type Missing = keyof typeof NOT_FOUND

/** Returns a 404. `what` is the kind of thing, never its name. */
export const notFound = (what: Missing) => new Denial(404, `${what} not found`, { code: NOT_FOUND[what] })

/** Returns a 409. `error` states what the developer has to change. */
export const conflict = (code: ErrorCodeOf<409>, error: string) => new Denial(409, error, { code })

/** Returns a 422, for a valid request that cannot be carried out. */
export const unprocessable = (code: ErrorCodeOf<422>, error: string) => new Denial(422, error, { code })

/** Returns a 429. */
export const tooManyRequests = (why: unknown, retryAfterSeconds: number) =>
  new Denial(429, 'Rate limit exceeded', { cause: why, headers: retryAfter(retryAfterSeconds) })

/** Returns a 503, for an unavailable dependency. */
export const unavailable = (why: unknown, retryAfterSeconds = 1) =>
  new Denial(503, 'Service unavailable', { cause: why, headers: retryAfter(retryAfterSeconds) })

/** Logs and sends a denial, at a tenth of the cost of throwing it. For hot paths; elsewhere, `throw`. */
export function deny<Reply extends FastifyReply>(reply: Reply, denial: Denial): Reply {
  reply.log.info({ statusCode: denial.statusCode, error: denial.message, why: denial.cause }, 'request refused')
  return sendDenial(reply, denial)
}

/** Returns the reason of a denial for the log line of its request. An error as the cause is logged separately. */
export const reasonOf = ({ cause, code }: Denial): string => (typeof cause === 'string' ? cause : code)

/** Sends a denial without a log line of its own: the line of the request has the reason. */
export function sendDenial<Reply extends FastifyReply>(reply: Reply, denial: Denial): Reply {
  noteDenial(reply.request.raw, reasonOf(denial))
  if (denial.headers !== undefined) reply.headers(denial.headers)
  // A string bypasses the route's serializer: this body is the same for every route.
  reply
    .code(denial.statusCode)
    .header(ERROR_CODE_HEADER, denial.code)
    .header('content-type', JSON_TYPE)
    .send(denial.payload)
  return reply
}

function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }
}
