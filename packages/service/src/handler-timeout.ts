import type { FastifyInstance, preValidationHookHandler } from 'fastify'
import { unavailable } from './refusal.ts'

/** Methods whose requests may have a body. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Answers 503 for each route of `app` whose handler takes longer than its `handlerTimeout`, by default `defaultMs`
 * milliseconds. Call it before the routes are added.
 *
 * Fastify's own timer ends with the stream of the request, which closes as soon as a body has been read. For methods
 * that may have a body, a second timer runs from then on.
 */
export function limitHandlerTime(app: Pick<FastifyInstance, 'addHook'>, defaultMs: number): void {
  app.addHook('onRoute', (route) => {
    route.handlerTimeout ??= defaultMs
    if (![route.method].flat().some((method) => WITH_BODY.has(method))) return
    route.preValidation = [timeoutAfterBody(route.handlerTimeout), ...[route.preValidation ?? []].flat()]
  })
}

function timeoutAfterBody(timeoutMs: number): preValidationHookHandler {
  return (_request, reply, done) => {
    const timer = setTimeout(() => {
      if (reply.sent) return
      const overdue = unavailable(`no answer within ${timeoutMs} ms`)
      if (reply.raw.headersSent) reply.raw.destroy(overdue)
      else reply.send(overdue)
    }, timeoutMs)
    reply.raw.once('close', () => clearTimeout(timer))
    done()
  }
}
