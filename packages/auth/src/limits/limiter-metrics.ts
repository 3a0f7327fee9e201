import { Counter, type Registry } from 'prom-client'
import type { RateLimiter } from './rate-limiter.ts'

/** Registers the decisions of rate limiters, labelled with their names in `limiters`. */
export function limiterMetrics(registry: Registry, limiters: Readonly<Record<string, RateLimiter>>): void {
  new Counter({
    name: 'rate_limit_decisions_total',
    help: 'Requests admitted or refused by a rate limit',
    labelNames: ['limit', 'decision'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [limit, { decisions }] of Object.entries(limiters)) {
        this.inc({ limit, decision: 'admitted' }, decisions.admitted)
        this.inc({ limit, decision: 'refused' }, decisions.denied)
      }
    },
  })
}
