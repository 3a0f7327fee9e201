import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { TrustsPeer } from '../network/trusted-proxies.ts'

/** Sends spans of requests and statements to a collector. */
export interface Tracing {
  /**
   * Creates a span for each request to `app`, except health checks. Continues the trace of a peer that `trusts` accepts.
   * Call it before anything is added to `app`.
   */
  follow(app: FastifyInstance, trusts: TrustsPeer): void
  /** Returns the trace id of a request to a followed app. */
  traceIdOf(request: FastifyRequest): string | undefined
  /** Returns the headers that propagate the trace of `request` to another server. */
  headersOf(request: FastifyRequest): Record<string, string>
  /**
   * Begins a span for a statement, such as `SELECT`, of the current request, if any. Call the returned function when the
   * statement has ended.
   */
  beginStatement(operation: string): (outcome: 'ok' | 'failed') => void
  /** Sends the remaining spans, for at most a second. Never rejects. */
  close(): Promise<void>
}

export interface TracingOptions {
  /** The name of the server. */
  readonly service: string
  readonly version: string
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly config: TracingConfig
}

/** Variables of `serviceShape`. */
export interface TracingConfig {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Readonly<Record<string, string>> | undefined
  readonly OTEL_TRACES_SAMPLER_ARG: number
}
