import type { IncomingMessage } from 'node:http'
import type { CallerFacts } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { Middleware } from './middleware.ts'

const CALLER = Symbol('caller')

/** The request of Node.js: the one object that Fastify, which writes the log line, and the library's koa share. */
type NotedRequest = IncomingMessage & { [CALLER]?: CallerFacts }

/** Records the caller of a request for its log line. Earlier facts stay unless `facts` replaces them. */
export function noteCaller(request: NotedRequest, facts: CallerFacts): void {
  request[CALLER] = { ...request[CALLER], ...facts }
}

/** Returns the recorded caller of a request. */
export const callerOf = ({ raw }: FastifyRequest): CallerFacts | undefined => (raw as NotedRequest)[CALLER]

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
