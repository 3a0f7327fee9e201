import type { IncomingMessage } from 'node:http'
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { HttpTimings } from './http-timings.ts'
import { pathOf } from './logger.ts'

/** Identifies the caller in the log line of a request, by ids only. Unknown members are left out. */
export interface CallerFacts {
  /** The kind of caller: a key, a token, an app at the token endpoint, a user on a page. */
  readonly principal?: 'api-key' | 'token' | 'client' | 'user'
  readonly keyId?: string
  readonly clientId?: string
  readonly userId?: string
  readonly organizationId?: string | undefined
}

export interface RequestRecordOptions {
  readonly timings: HttpTimings | undefined
  /** Called when a request has been answered, including refused ones. */
  readonly callerOf: ((request: FastifyRequest) => CallerFacts | undefined) | undefined
  readonly traceIdOf: (request: FastifyRequest) => string | undefined
}

const reasons = new WeakMap<IncomingMessage, string>()

/**
 * Records why a request is denied, for its log line. The last reason counts. `request` is the one object that Fastify and the
 * provider's koa share. `why` must not contain text of the request.
 */
export const noteDenial = (request: IncomingMessage, why: string): void => void reasons.set(request, why)

/** Records each request: one log line when it has been answered, and one observation of its duration. */
export class RequestRecord extends LogController {
  readonly #options: RequestRecordOptions

  constructor(options: RequestRecordOptions) {
    super({ requestIdLogLabel: 'requestId' })
    this.#options = options
  }

  override incomingRequest(): void {
    // The line at the end contains everything that one at the start could.
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { timings, callerOf, traceIdOf } = this.#options
    const { url: route } = request.routeOptions
    const durationMs = reply.elapsedTime
    timings?.observe(route, request.method, reply.statusCode, durationMs)
    const caller = callerOf?.(request)
    // Members are listed one by one, which keeps the shape of the object constant. Undefined ones are not written.
    const line = {
      method: request.method,
      path: pathOf(request.originalUrl),
      route,
      statusCode: reply.statusCode,
      why: reply.statusCode < 400 ? undefined : reasons.get(request.raw),
      durationMs: Math.round(durationMs * 1000) / 1000,
      address: request.ip,
      principal: caller?.principal,
      keyId: caller?.keyId,
      clientId: caller?.clientId,
      userId: caller?.userId,
      organizationId: caller?.organizationId,
      traceId: traceIdOf(request),
    }
    if (error) reply.log.warn({ ...line, err: error }, 'request broken off')
    else reply.log.info(line, 'request answered')
  }
}
