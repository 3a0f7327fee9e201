import type { ChannelOptions } from '@daytona-auth/db/core'
import { Counter, Histogram, type Registry } from 'prom-client'

/** From an idle server in the same network to the age at which the channel is stale. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3]

/** Registers the metrics of the channel that a verifier follows, and returns their callbacks for the channel's options. */
export function channelMetrics(
  registry: Registry,
): Required<Pick<ChannelOptions, 'onLag' | 'onState' | 'onClockJump'>> {
  const registers = [registry]
  const lag = new Histogram({
    name: 'auth_invalidation_lag_seconds',
    help: 'Time from a commit to its notification, measured by the process with a heartbeat each second',
    buckets: BUCKETS_SECONDS,
    registers,
  })
  const losses = new Counter({
    name: 'auth_invalidation_losses_total',
    help: 'Losses of the invalidation channel, failed attempts to reopen it included',
    registers,
  })
  const jumps = new Counter({
    name: 'clock_jumps_total',
    help: 'Jumps of the wall clock by more than a second against the monotonic clock: clock set, or machine suspended',
    registers,
  })
  return {
    onClockJump: () => jumps.inc(),
    onLag: (ms) => lag.observe(ms / 1000),
    onState: (state) => losses.inc(state === 'lost' ? 1 : 0),
  }
}
