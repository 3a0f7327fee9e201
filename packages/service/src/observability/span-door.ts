import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'

/** The attributes that are exported. An attribute that a library adds later is dropped until it has been reviewed. */
const ATTRIBUTES = new Set([
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'daytona.request.id',
  'db.system.name',
  'db.operation.name',
])

/**
 * Wraps the exporter of all spans and removes sensitive data. Instrumentation adds URLs with their queries and error
 * messages to spans, and more people read a collector than our log. Only allowlisted attributes are exported, and neither
 * messages nor events.
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

/** Leaves the status of a 4xx unset, as the conventions require for server spans: a thrown denial is no server error. */
function statusOf({ kind, status: { code }, attributes }: ReadableSpan): SpanStatus {
  const statusCode = attributes['http.response.status_code']
  if (kind === SpanKind.SERVER && typeof statusCode === 'number' && statusCode < 500)
    return { code: SpanStatusCode.UNSET }
  return { code }
}
