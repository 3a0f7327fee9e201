import type { IncomingMessage } from 'node:http'
import type { CallerFacts } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { Middleware } from '../../provider/middleware.ts'

const callers = new WeakMap<IncomingMessage, CallerFacts>()

/** Records the caller of a request for its log line. Earlier facts stay unless `facts` replaces them. */
export function noteCaller(request: IncomingMessage, facts: CallerFacts): void {
  callers.set(request, { ...callers.get(request), ...facts })
}

/** Returns the recorded caller of a request. */
export const callerOf = ({ raw }: FastifyRequest): CallerFacts | undefined => callers.get(raw)

/** Records the app that the library found, and the user of the session, code or token. */
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
