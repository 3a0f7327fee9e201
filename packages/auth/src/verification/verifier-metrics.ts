import type { Channel } from '@daytona-auth/db/core'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Answer } from '../principal/result.ts'
import type { Cache } from './cache.ts'

/** The source of an answer: the credential alone, the cache, the database, or the database while the channel is stale. */
export type Source = 'offline' | 'hit' | 'miss' | 'stale'

export interface VerifierMetrics {
  /** Counts an answer and returns it. */
  count(answer: Answer, source: Source): Answer
  /** Records the time of a look-up in milliseconds. */
  observeLookUp(ms: number): void
}

/** From a look-up on the same machine to the timeout. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/**
 * Registers the metrics of the verifier. Counting an answer is one addition: prom-client's counters hash their labels on each
 * call, so they are filled at each scrape.
 */
export function verifierMetrics({
  registry,
  channel,
  cache,
}: {
  registry: Registry | undefined
  channel: Pick<Channel, 'heartbeatAgeMs' | 'clockSkewMs' | 'queueUsage' | 'isReserveReleased' | 'subscribe'>
  cache: Pick<Cache, 'size' | 'bytes'>
}): VerifierMetrics {
  // Nested maps with existing strings as keys: building a joined key for each denial costs more than the look-up.
  const counts = new Map<string, Map<string, Record<Source, number>>>()
  const invalidations = new Map<string, number>()
  let staleDenials = 0
  let apiKeyHits = 0
  let tokenHits = 0
  let lookUp: Histogram | undefined

  if (registry) {
    const registers = [registry]
    new Counter({
      name: 'auth_verifications_total',
      help: 'Verified credentials by kind, result and source of the answer',
      labelNames: ['credential', 'result', 'source'],
      registers,
      collect() {
        this.reset()
        this.inc({ credential: 'api-key', result: 'accepted', source: 'hit' }, apiKeyHits)
        this.inc({ credential: 'token', result: 'accepted', source: 'hit' }, tokenHits)
        for (const [credential, results] of counts) {
          for (const [result, sources] of results) {
            for (const [source, count] of Object.entries(sources)) {
              if (count > 0) this.inc({ credential, result, source }, count)
            }
          }
        }
      },
    })
    new Counter({
      name: 'auth_stale_refusals_total',
      help: 'Credentials answered 503: the channel was stale and the database did not answer',
      registers,
      collect() {
        this.reset()
        this.inc(staleDenials)
      },
    })
    channel.subscribe(({ kind }) => invalidations.set(kind, (invalidations.get(kind) ?? 0) + 1))
    new Counter({
      name: 'auth_invalidations_total',
      help: 'Changes notified, by kind; reset: the whole cache was cleared',
      labelNames: ['kind'],
      registers,
      collect() {
        this.reset()
        for (const [kind, count] of invalidations) this.inc({ kind }, count)
      },
    })
    lookUp = new Histogram({
      name: 'auth_lookup_seconds',
      help: 'Time to an answer that was not in the cache',
      buckets: BUCKETS_SECONDS,
      registers,
    })
    new Gauge({
      name: 'auth_cache_entries',
      help: 'Known credentials in the cache',
      registers,
      collect() {
        this.set(cache.size())
      },
    })
    new Gauge({
      name: 'auth_cache_bytes',
      help: 'Estimated bytes of the known credentials in the cache',
      registers,
      collect() {
        this.set(cache.bytes())
      },
    })
    new Gauge({
      name: 'auth_heartbeat_age_seconds',
      help: 'Time since the last received heartbeat was sent: past 3 s the channel is stale and the cache is bypassed',
      registers,
      collect() {
        this.set(channel.heartbeatAgeMs() / 1000)
      },
    })
    new Gauge({
      name: 'database_clock_skew_seconds',
      help: "Time by which this machine's clock is ahead of the database's: past a minute, the process is not ready",
      registers,
      collect() {
        this.set(channel.clockSkewMs() / 1000)
      },
    })
    new Gauge({
      name: 'database_notification_queue_usage',
      help: 'Used share of the NOTIFY queue of the database, from 0 to 1: at 1, every change fails',
      registers,
      collect() {
        this.set(channel.queueUsage())
      },
    })
    new Gauge({
      name: 'database_space_reserve_released',
      help: '1 while the disk of the database is full: revocations use the released reserve, creations are refused',
      registers,
      collect() {
        this.set(channel.isReserveReleased() ? 1 : 0)
      },
    })
  }

  function countsOf(credential: string, result: string): Record<Source, number> {
    const known = counts.get(credential)?.get(result)
    if (known !== undefined) return known
    const none = { offline: 0, hit: 0, miss: 0, stale: 0 }
    counts.set(credential, (counts.get(credential) ?? new Map()).set(result, none))
    return none
  }

  return {
    count(answer, source) {
      if (source === 'hit' && answer.kind === 'api-key') apiKeyHits += 1
      else if (source === 'hit' && answer.kind === 'token') tokenHits += 1
      else {
        const isDenial = answer.kind === 'denied'
        if (source === 'stale' && isDenial && answer.reason === 'unavailable') staleDenials += 1
        countsOf(isDenial ? answer.credential : answer.kind, isDenial ? answer.reason : 'accepted')[source] += 1
      }
      return answer
    },
    observeLookUp: (ms) => lookUp?.observe(ms / 1000),
  }
}
