import type { Tracing, TracingOptions } from './trace.ts'

/**
 * Traces, where there is a collector to send them to. Who has none does not load OpenTelemetry, which takes 100 ms and
 * 9 MB.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const endpoint = options.config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry({ ...options, endpoint })
}
