import type { FastifyReply } from 'fastify'
import { type Detail, type ErrorBody, errorBody } from './error-body.ts'
import { defaultErrorCode, ERROR_CODE_HEADER, type ErrorCode, type ErrorCodeOf } from './error-codes.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

export interface RefusalOptions {
  /** The cause for programs. The first code of the status if it has none of its own. */
  code?: ErrorCode
  /** Why, for the log only. */
  cause?: unknown
  /** Sent with the answer, `WWW-Authenticate` for example. */
  headers?: Readonly<Record<string, string>>
  /** Which members of the request are wrong. For 400 only. */
  details?: readonly Detail[]
}

/** An answer that says no. `message` is what the caller reads as `error`; `cause` is only logged. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly statusCode: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly details: readonly Detail[] | undefined
  #payload: string | undefined

  constructor(statusCode: number, message: string, { code, cause, headers, details }: RefusalOptions = {}) {
    // A refusal is an answer, not a fault: its stack says nothing and would be 90 % of its price.
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

  /** The body as JSON, written once: a hot path keeps its refusals and sends the same one again. */
  get payload(): string {
    this.#payload ??= JSON.stringify(this.body)
    return this.#payload
  }
}

const BEARER = { 'www-authenticate': 'Bearer' }

/** 401. Every cause reads the same to the caller: `error` tells apart a key and a token, never why. */
export const unauthorized = (
  why: unknown,
  { error = 'Invalid or expired API key', headers = BEARER }: { error?: string; headers?: Record<string, string> } = {},
) => new Refusal(401, error, { cause: why, headers })

/** 403: for what the caller may know of. What it may not know of is `notFound`. */
export const forbidden = (
  why: unknown,
  {
    error = 'Insufficient permissions',
    ...options
  }: { error?: string; code?: ErrorCodeOf<403>; headers?: Record<string, string> } = {},
) => new Refusal(403, error, { cause: why, ...options })

/** 400, in words that a developer can act on. */
export const badRequest = (error: string, details?: readonly Detail[], code?: ErrorCodeOf<400>) =>
  new Refusal(400, error, { ...(details && { details }), ...(code && { code }) })

const NOT_FOUND = {
  Route: 'not_found',
  'API key': 'api_key_not_found',
  Organization: 'organization_not_found',
  Role: 'role_not_found',
  Member: 'member_not_found',
  Invitation: 'invitation_not_found',
  'OAuth app': 'oauth_app_not_found',
  Session: 'session_not_found',
  'Authorized app': 'authorized_app_not_found',
  Sandbox: 'sandbox_not_found',
  Snapshot: 'snapshot_not_found',
  Volume: 'volume_not_found',
  Registry: 'registry_not_found',
} as const satisfies Record<string, ErrorCodeOf<404>>

/** The kinds of things that may not exist. */
export type Missing = keyof typeof NOT_FOUND

/** 404. `what` is the kind of thing, never its name. */
export const notFound = (what: Missing) => new Refusal(404, `${what} not found`, { code: NOT_FOUND[what] })

/** 409, in words that a developer can act on. */
export const conflict = (code: ErrorCodeOf<409>, error: string) => new Refusal(409, error, { code })

/** 422: understood, and cannot be done. */
export const unprocessable = (code: ErrorCodeOf<422>, error: string) => new Refusal(422, error, { code })

/** 429. */
export const tooManyRequests = (why: unknown, retryAfterSeconds: number) =>
  new Refusal(429, 'Rate limit exceeded', { cause: why, headers: retryAfter(retryAfterSeconds) })

/** 503: something that we depend on is down. */
export const unavailable = (why: unknown, retryAfterSeconds = 1) =>
  new Refusal(503, 'Service unavailable', { cause: why, headers: retryAfter(retryAfterSeconds) })

/** Sends a refusal without throwing it, which costs a tenth. For the hot path; everywhere else, `throw`. */
export function refuse<Reply extends FastifyReply>(reply: Reply, refusal: Refusal): Reply {
  reply.log.info({ statusCode: refusal.statusCode, error: refusal.message, why: refusal.cause }, 'request refused')
  return sendRefusal(reply, refusal)
}

/** Sends a refusal and logs nothing: for who has already said why. */
export function sendRefusal<Reply extends FastifyReply>(reply: Reply, refusal: Refusal): Reply {
  if (refusal.headers !== undefined) reply.headers(refusal.headers)
  // A string goes out as it is, past the route's serializer: this body is the same for every route.
  reply
    .code(refusal.statusCode)
    .header(ERROR_CODE_HEADER, refusal.code)
    .header('content-type', JSON_TYPE)
    .send(refusal.payload)
  return reply
}

function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }
}
