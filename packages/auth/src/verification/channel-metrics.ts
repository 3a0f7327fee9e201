import type { ChannelOptions } from '@daytona-auth/db'
import { Counter, Histogram, type Registry } from 'prom-client'

/** From an idle server in the same network to the bound past which the cache is not trusted. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3]

/** How soon a change is heard: for the options of the channel that a verifier follows. */
export function channelMetrics(
  registry: Registry,
): Required<Pick<ChannelOptions, 'onLag' | 'onState' | 'onClockJump'>> {
  const registers = [registry]
  const lag = new Histogram({
    name: 'auth_invalidation_lag_seconds',
    help: 'From a commit to hearing of it, as measured by the own heartbeat of each second',
    buckets: BUCKETS_SECONDS,
    registers,
  })
  const losses = new Counter({
    name: 'auth_invalidation_losses_total',
    help: 'Times that the channel of invalidations was lost, tries to open it anew included',
    registers,
  })
  const jumps = new Counter({
    name: 'clock_jumps_total',
    help: 'Times that the wall clock moved by more than a second against the monotonic clock: set, or suspended',
    registers,
  })
  return {
    onClockJump: () => jumps.inc(),
    onLag: (ms) => lag.observe(ms / 1000),
    onState: (state) => losses.inc(state === 'lost' ? 1 : 0),
  }
}
