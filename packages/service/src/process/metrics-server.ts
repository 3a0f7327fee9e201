import type { Logger } from 'pino'
import { createServer, type Server } from '../http/server.ts'
import type { Metrics } from '../observability/metrics.ts'

/** Creates the server of `GET /metrics`, for a separate port that no proxy publishes. */
export function createMetricsServer({ metrics, logger }: { metrics: Metrics; logger: Logger }): Server {
  const app = createServer({ logger })
  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  return app
}
