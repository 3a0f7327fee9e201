import type { IncomingMessage } from 'node:http'
import type { CallerFacts } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { Middleware } from '../../provider/middleware.ts'

const callers = new WeakMap<IncomingMessage, CallerFacts>()

/** Notes who asks, for the line of the request in the log. What was noted before and is not said anew stays. */
export function noteCaller(request: IncomingMessage, facts: CallerFacts): void {
  callers.set(request, { ...callers.get(request), ...facts })
}

/** What was noted of a request. */
export const callerOf = ({ raw }: FastifyRequest): CallerFacts | undefined => callers.get(raw)

/** Notes the app that the library found, and the person whose session, code or token it served. */
export const noteProtocolCaller: Middleware = async (ctx, next) => {
  try {
    await next()
  } finally {
    const { client, account, session } = ctx.oidc ?? {}
    const userId = account?.accountId ?? session?.accountId
    if (client || userId) {
      noteCaller(ctx.req, {
        principal: client ? 'client' : 'user',
        ...(client && { clientId: client.clientId }),
        ...(userId !== undefined && { userId }),
      })
    }
  }
}
