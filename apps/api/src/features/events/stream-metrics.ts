import { Gauge, type Registry } from 'prom-client'
import type { StreamSlots } from './stream-slots.ts'

/** Registers the number of open event streams, and what the process may have. */
export function streamMetrics(
  registry: Registry,
  { slots, limit }: { readonly slots: StreamSlots; readonly limit: number },
): void {
  new Gauge({
    name: 'event_streams',
    help: 'Open event streams',
    registers: [registry],
    collect() {
      this.set(slots.count())
    },
  })
  new Gauge({
    name: 'event_streams_max',
    help: 'Event streams that the process may have',
    registers: [registry],
  }).set(limit)
}
