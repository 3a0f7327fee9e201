import type { FastifyReply } from 'fastify'
import { type Detail, type ErrorBody, errorBody } from './error-body.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

export interface RefusalOptions {
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
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly details: readonly Detail[] | undefined
  #payload: string | undefined

  constructor(statusCode: number, message: string, { cause, headers, details }: RefusalOptions = {}) {
    // A refusal is an answer, not a fault: its stack says nothing and would be 90 % of its price.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message, cause === undefined ? undefined : { cause })
    Error.stackTraceLimit = limit
    this.statusCode = statusCode
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
  { error = 'Insufficient permissions', headers }: { error?: string; headers?: Record<string, string> } = {},
) => new Refusal(403, error, { cause: why, ...(headers && { headers }) })

/** 400, in words that a developer can act on. */
export const badRequest = (error: string, details?: readonly Detail[]) =>
  new Refusal(400, error, details && { details })

/** 404. `what` is the kind of thing, never its name. */
export const notFound = (what: string) => new Refusal(404, `${what} not found`)

/** 409, in words that a developer can act on. */
export const conflict = (error: string) => new Refusal(409, error)

/** 422: understood, and cannot be done. */
export const unprocessable = (error: string) => new Refusal(422, error)

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
  reply.code(refusal.statusCode).header('content-type', JSON_TYPE).send(refusal.payload)
  return reply
}

function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }
}
