import { FastifyOtelInstrumentation } from '@fastify/otel'
import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import pTimeout from 'p-timeout'
import { spanDoor } from './span-door.ts'
import type { Tracing, TracingOptions } from './trace.ts'

/** How long spans are batched. */
const GATHER_MS = 2000
/** How long an export may take. Up to 2048 further spans are queued; more are dropped. */
const EXPORT_MS = 5000
/** How long shutdown waits for the collector. */
const CLOSE_MS = 1000
const WARNING_INTERVAL_MS = 60_000

/** Set in the context of a request whose peer is trusted to set its trace. */
const TRUSTED = createContextKey('daytona-auth: trusted peer')

const w3c = new W3CTraceContextPropagator()
const traceContext: TextMapPropagator = {
  inject: (from, carrier, setter) => w3c.inject(from, carrier, setter),
  extract: (into, carrier, getter) => (into.getValue(TRUSTED) === true ? w3c.extract(into, carrier, getter) : into),
  fields: () => w3c.fields(),
}

const NOT_FOLLOWED = () => {}

/** Starts OpenTelemetry. `tracing.ts` loads this module on demand. */
export function openTelemetry({
  service,
  version,
  logger,
  config,
  endpoint,
}: TracingOptions & { endpoint: string }): Tracing {
  // Global in the process: a second part in it shares them.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(traceContext)

  let warnedAt = Number.NEGATIVE_INFINITY
  function warnOfFailure(err: unknown): void {
    if (performance.now() - warnedAt < WARNING_INTERVAL_MS) return
    warnedAt = performance.now()
    logger.warn({ err }, 'traces could not be sent: check OTEL_EXPORTER_OTLP_ENDPOINT')
  }

  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: { ...config.OTEL_EXPORTER_OTLP_HEADERS },
    timeoutMillis: EXPORT_MS,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `daytona-auth-${service}`, 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: spanDoor(exporter, warnOfFailure),
        scheduledDelayMillis: GATHER_MS,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('daytona-auth', version)

  const fastify = new FastifyOtelInstrumentation({
    // One span per request: spans of hooks and handlers cost more than the hooks themselves.
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    ignorePaths: ({ url }) => url.startsWith('/health'),
    requestHook(span, request) {
      span.updateName([request.method, request.routeOptions.url].filter(Boolean).join(' '))
      span.setAttribute('daytona.request.id', request.id)
    },
  })
  fastify.setTracerProvider(provider)
  logger.info({ endpoint }, 'traces are sent')

  return {
    follow(app, trusts) {
      app.addHook('onRequest', (request, _reply, done) => {
        const isTrusted = trusts(request.raw.socket.remoteAddress)
        context.with(isTrusted ? ROOT_CONTEXT.setValue(TRUSTED, true) : ROOT_CONTEXT, done)
      })
      const { setNotFoundHandler } = app
      // Called directly, not registered as a plugin, so that it precedes every hook and route of ours.
      fastify.plugin()(app, {}, () => {})
      // The plugin's own would add a second span for the handler to a 404.
      app.setNotFoundHandler = setNotFoundHandler
    },
    traceIdOf: (request) => trace.getSpanContext(request.opentelemetry().context ?? ROOT_CONTEXT)?.traceId,
    headersOf(request) {
      const headers: Record<string, string> = {}
      propagation.inject(request.opentelemetry().context ?? ROOT_CONTEXT, headers)
      return headers
    },
    beginStatement(operation) {
      if (!trace.getSpan(context.active())?.isRecording()) return NOT_FOLLOWED
      const span = tracer.startSpan(`postgresql ${operation}`, {
        kind: SpanKind.CLIENT,
        attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation },
      })
      return (outcome) => {
        if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      }
    },
    async close() {
      await pTimeout(provider.shutdown().catch(warnOfFailure), { milliseconds: CLOSE_MS, message: false })
    },
  }
}
