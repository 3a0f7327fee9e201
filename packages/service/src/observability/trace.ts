import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { TrustsPeer } from '../network/trusted-proxies.ts'

/** Tells a collector what each request took, and where. */
export interface Tracing {
  /**
   * Makes a span of each request to `app`, but for those to its health. It continues a trace that a peer brings whom
   * `trusts` believes. Call it before anything is added to `app`.
   */
  follow(app: FastifyInstance, trusts: TrustsPeer): void
  /** The trace of a request to an app that is followed. */
  traceIdOf(request: FastifyRequest): string | undefined
  /** The headers by which who is asked on behalf of `request` continues its trace. */
  headersOf(request: FastifyRequest): Record<string, string>
  /**
   * Begins a span of a statement, such as `SELECT`, on behalf of the request that is being answered, if there is one.
   * Call what it returns when it has ended.
   */
  beginStatement(operation: string): (outcome: 'ok' | 'failed') => void
  /** Sends what is left, for a second at most. Never rejects. */
  close(): Promise<void>
}

export interface TracingOptions {
  /** The name of the part. */
  readonly service: string
  readonly version: string
  readonly logger: Pick<Logger, 'info' | 'warn'>
  readonly config: TracingConfig
}

/** Of `serviceShape`. */
export interface TracingConfig {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Readonly<Record<string, string>> | undefined
  readonly OTEL_TRACES_SAMPLER_ARG: number
}
