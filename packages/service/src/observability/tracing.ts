import type { Tracing, TracingOptions } from './trace.ts'

/** Starts tracing if a collector is configured. Otherwise OpenTelemetry, which takes 100 ms and 9 MB, is not loaded. */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const endpoint = options.config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry({ ...options, endpoint })
}
