import type { Logger } from 'pino'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { type HttpTimings, httpTimings } from './http-timings.ts'
import { createServer, type Server } from './server.ts'

export interface Metrics {
  /** Register further metrics here (`registers: [metrics.registry]`); prom-client's global registry is not served. */
  readonly registry: Registry
  readonly http: HttpTimings
}

/** The metrics of one part: process, requests and build. Two parts in one process have one each. */
export function createMetrics({ service, version }: { service: string; version: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1)
  return { registry, http: httpTimings(registry) }
}

/** The server of `GET /metrics`, to listen on a port of its own that no proxy publishes. */
export function createMetricsServer({ metrics, logger }: { metrics: Metrics; logger: Logger }): Server {
  const app = createServer({ logger })
  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  return app
}
