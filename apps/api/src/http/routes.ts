import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'

/**
 * Adds the routes of a feature to a server. It is not a plugin: a plugin costs two milliseconds at each startup to
 * encapsulate hooks, and these features have none. Features with hooks are plugins.
 */
export type Routes<Dependencies> = (app: ZodServer, dependencies: Dependencies) => void

/** A server, or a part of one, with zod schemas. */
export type ZodServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
