import { setTimeout as delay } from 'node:timers/promises'
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
import { spanDoor } from './span-door.ts'
import type { Tracing, TracingOptions } from './trace.ts'

/** How long spans are gathered. */
const GATHER_MS = 2000
/** How long the collector may take; what comes meanwhile waits, up to 2048 spans, and is dropped beyond. */
const EXPORT_MS = 5000
/** How long a stop waits for it. */
const CLOSE_MS = 1000
const COMPLAIN_MS = 60_000

/** Set in the context of a request whose peer may say which trace it belongs to. */
const TRUSTED = createContextKey('daytona-auth: the peer is believed')

const w3c = new W3CTraceContextPropagator()
const traceContext: TextMapPropagator = {
  inject: (from, carrier, setter) => w3c.inject(from, carrier, setter),
  extract: (into, carrier, getter) => (into.getValue(TRUSTED) === true ? w3c.extract(into, carrier, getter) : into),
  fields: () => w3c.fields(),
}

const NOT_FOLLOWED = () => {}

/** The heavy half of `tracing.ts`, which loads it where it is needed. */
export function openTelemetry({
  service,
  version,
  logger,
  config,
  endpoint,
}: TracingOptions & { endpoint: string }): Tracing {
  // Of the process: a second part in it finds them there.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(traceContext)

  let complainedAt = Number.NEGATIVE_INFINITY
  function complain(err: unknown): void {
    if (performance.now() - complainedAt < COMPLAIN_MS) return
    complainedAt = performance.now()
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
        exporter: spanDoor(exporter, complain),
        scheduledDelayMillis: GATHER_MS,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('daytona-auth', version)

  const fastify = new FastifyOtelInstrumentation({
    // One span for a request: those of hooks and handlers cost more than the hooks.
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
        const believed = trusts(request.raw.socket.remoteAddress)
        context.with(believed ? ROOT_CONTEXT.setValue(TRUSTED, true) : ROOT_CONTEXT, done)
      })
      const { setNotFoundHandler } = app
      // Now, and not when plugins are loaded: every hook and route of ours comes after.
      fastify.plugin()(app, {}, () => {})
      // With its own, what is not found would have a second span, for the handler.
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
      await Promise.race([provider.shutdown().catch(complain), delay(CLOSE_MS, undefined, { ref: false })])
    },
  }
}
