import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'

/**
 * Adds the routes of a feature to a server. No plugin: one costs two milliseconds at each start, and encapsulates hooks, of which
 * these have none. What has some is one.
 */
export type Routes<Dependencies> = (app: ZodServer, dependencies: Dependencies) => void

/** A server, or a part of one, whose schemas are zod's. */
export type ZodServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
