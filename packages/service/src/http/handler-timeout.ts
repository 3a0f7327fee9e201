import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  preValidationHookHandler,
  RouteHandlerMethod,
} from 'fastify'
import pTimeout from 'p-timeout'
import { unavailable } from './denial.ts'

/** Methods whose requests may have a body. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export interface HandlerTimeouts {
  /** For routes without their own `handlerTimeout`, in milliseconds. */
  readonly defaultMs: number
  /**
   * Called once per request on a route with a longer timeout of its own, after `defaultMs` minus `CHECK_MS`. If it rejects
   * or takes longer than `CHECK_MS`, the request is answered 503 before its own timeout.
   */
  readonly check?: () => Promise<unknown>
}

/** How long a check may take, in milliseconds. */
const CHECK_MS = 1500

/**
 * Answers 503 on each route of `app` whose handler takes longer than its `handlerTimeout`. Call it before the routes are
 * added.
 *
 * Fastify's own timer ends with the request stream, which closes as soon as a body has been read. For methods that may
 * have a body, a second timer starts then.
 */
export function limitHandlerTime(app: Pick<FastifyInstance, 'addHook'>, { defaultMs, check }: HandlerTimeouts): void {
  app.addHook('onRoute', (route) => {
    route.handlerTimeout ??= defaultMs
    const hooks: preValidationHookHandler[] = []
    if ([route.method].flat().some((method) => WITH_BODY.has(method)))
      hooks.push(timeoutAfterBody(route.handlerTimeout))
    if (check && route.handlerTimeout > defaultMs) hooks.push(checkAfter(Math.max(1, defaultMs - CHECK_MS), check))
    if (hooks.length > 0) route.preValidation = [...hooks, ...[route.preValidation ?? []].flat()]
    route.handler = withoutLateAnswer(route.handler)
  })
}

/** The replies that the timers below have sent. */
const overdue = new WeakSet<FastifyReply>()

/**
 * Discards what a handler returns after its timeout was answered, which Fastify would report as a second answer, and logs what
 * it throws then.
 */
const withoutLateAnswer = (handler: RouteHandlerMethod): RouteHandlerMethod =>
  function (request, reply) {
    const answer = handler.call(this, request, reply)
    if (!(answer instanceof Promise)) return answer
    return answer.then(
      (value) => (wasOverdue(request, reply) ? undefined : value),
      (error) => {
        if (!wasOverdue(request, reply)) throw error
        reply.log.warn({ err: error }, 'the handler failed after its timeout')
      },
    )
  }

const wasOverdue = (request: FastifyRequest, reply: FastifyReply): boolean =>
  reply.sent && (overdue.has(reply) || request.signal.reason?.code === 'FST_ERR_HANDLER_TIMEOUT')

function timeoutAfterBody(timeoutMs: number): preValidationHookHandler {
  return (_request, reply, done) => {
    afterDelay(reply, timeoutMs, () => {
      const denial = unavailable(`no answer within ${timeoutMs} ms`)
      if (reply.raw.headersSent) reply.raw.destroy(denial)
      else sendOverdue(reply, denial)
    })
    done()
  }
}

function checkAfter(delayMs: number, check: () => Promise<unknown>): preValidationHookHandler {
  return (_request, reply, done) => {
    afterDelay(reply, delayMs, () => {
      const fail = (why: unknown) => {
        if (!reply.sent && !reply.raw.headersSent) sendOverdue(reply, unavailable(why))
      }
      const late = `no answer to a check within ${CHECK_MS} ms`
      // Without this function, p-timeout would cancel a query of postgres.js, which takes a connection of its own.
      const answer = async () => check()
      void pTimeout(answer(), { milliseconds: CHECK_MS, fallback: () => fail(late) }).catch(fail)
    })
    done()
  }
}

function sendOverdue(reply: FastifyReply, denial: Error): void {
  overdue.add(reply)
  reply.send(denial)
}

/** Calls `then` after `delayMs` unless the request has been answered by then. */
function afterDelay(reply: FastifyReply, delayMs: number, then: () => void): void {
  const timer = setTimeout(() => {
    if (!reply.sent) then()
  }, delayMs)
  reply.raw.once('close', () => clearTimeout(timer))
}
