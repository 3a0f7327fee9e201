import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { HttpTimings } from './http-timings.ts'
import { pathOf } from './logger.ts'

/** What is left behind by each request: one log line, when it has been answered, and one observation of its time. */
export class RequestRecord extends LogController {
  readonly #timings: HttpTimings | undefined

  constructor(timings: HttpTimings | undefined) {
    super({ requestIdLogLabel: 'requestId' })
    this.#timings = timings
  }

  override incomingRequest(): void {
    // The line at the end says all that one at the start could.
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { url: route } = request.routeOptions
    const durationMs = reply.elapsedTime
    this.#timings?.observe(route, request.method, reply.statusCode, durationMs)
    const line = {
      method: request.method,
      path: pathOf(request.originalUrl),
      route,
      statusCode: reply.statusCode,
      durationMs: Math.round(durationMs * 1000) / 1000,
      address: request.ip,
    }
    if (error) reply.log.warn({ ...line, err: error }, 'request broken off')
    else reply.log.info(line, 'request answered')
  }
}
