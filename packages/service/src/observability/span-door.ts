import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'

/** All that leaves us. What a library adds one day stays here until somebody has looked at it. */
const ATTRIBUTES = new Set([
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'daytona.request.id',
  'db.system.name',
  'db.operation.name',
])

/**
 * The one door by which spans leave. Instrumentation puts URLs with their queries and the messages of errors into them,
 * and a collector is read by more people than our log: of attributes only those of a list go out, no message and no event.
 */
export function spanDoor(exporter: SpanExporter, onFailure: (error: unknown) => void): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans.map(clean), (result: ExportResult) => {
        if (result.code !== ExportResultCode.SUCCESS) onFailure(result.error)
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  }
}

function clean(span: ReadableSpan): ReadableSpan {
  const { name, kind, parentSpanContext, startTime, endTime, duration, ended, resource, instrumentationScope } = span
  return {
    name,
    kind,
    startTime,
    endTime,
    duration,
    ended,
    resource,
    instrumentationScope,
    ...(parentSpanContext && { parentSpanContext }),
    spanContext: () => span.spanContext(),
    status: statusOf(span),
    attributes: Object.fromEntries(
      Object.entries(span.attributes).filter(([key]) => ATTRIBUTES.has(key)),
    ) as Attributes,
    links: [],
    events: [],
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  }
}

/** A refusal is thrown, and no fault of the server: the conventions leave the status of such a span unset. */
function statusOf({ kind, status: { code }, attributes }: ReadableSpan): SpanStatus {
  const statusCode = attributes['http.response.status_code']
  if (kind === SpanKind.SERVER && typeof statusCode === 'number' && statusCode < 500)
    return { code: SpanStatusCode.UNSET }
  return { code }
}
