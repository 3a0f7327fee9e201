import type { UsageBucket } from '@daytona-auth/sdk'
import type { UsageSpan } from '../../../api/api-keys.ts'
import type { Span } from './search.ts'

export type Bucket = UsageBucket

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

const SPANS: Record<Span, { readonly ms: number; readonly granularity: 'hour' | 'day' }> = {
  '24h': { ms: DAY_MS, granularity: 'hour' },
  '7d': { ms: 7 * DAY_MS, granularity: 'hour' },
  '30d': { ms: 30 * DAY_MS, granularity: 'day' },
  '90d': { ms: 90 * DAY_MS, granularity: 'day' },
}

const sizeOf = (granularity: 'hour' | 'day'): number => (granularity === 'hour' ? HOUR_MS : DAY_MS)

/** Returns the span that ends now, in whole hours or days of UTC. `now` is in milliseconds since the epoch. */
export function spanFor(span: Span, now: number): UsageSpan {
  const { ms, granularity } = SPANS[span]
  const size = sizeOf(granularity)
  // The present hour or day is the last one.
  const from = Math.floor((now - ms) / size + 1) * size
  return { from: new Date(from).toISOString(), granularity }
}

/** Adds the hours or days without a request, so that the axis of time is even. */
export function fillBuckets(buckets: readonly Bucket[], { from, granularity }: UsageSpan, now: number): Bucket[] {
  const known = new Map(buckets.map((bucket) => [Date.parse(bucket.start), bucket]))
  const size = sizeOf(granularity)
  const filled: Bucket[] = []
  for (let start = Date.parse(from); start <= now; start += size) {
    filled.push(known.get(start) ?? { start: new Date(start).toISOString(), allowed: 0, denied: 0, deniedBy: [] })
  }
  return filled
}

const hourFormat = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
// Days are those of UTC.
const dayFormat = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })

export const formatBucket = (start: string, granularity: 'hour' | 'day'): string =>
  (granularity === 'hour' ? hourFormat : dayFormat).format(new Date(start))
