/** Time, replaceable in tests. */
export interface ResourceServerClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds of a clock that is never set back. */
  monotonic(): number
}

export const systemTime: ResourceServerClock = { now: () => Date.now(), monotonic: () => performance.now() }

export interface Instant {
  readonly wall: number
  readonly monotonic: number
}

export const takeInstant = (clock: ResourceServerClock): Instant => ({
  wall: clock.now(),
  monotonic: clock.monotonic(),
})

/**
 * Measures the milliseconds since `then` as the larger of two clocks: the wall clock can be set back, the monotonic one
 * stops while a machine sleeps. Infinite if the wall clock is before `then`.
 */
export function measureAge(then: Instant, clock: ResourceServerClock): number {
  const wall = clock.now() - then.wall
  return wall < 0 ? Number.POSITIVE_INFINITY : Math.max(wall, clock.monotonic() - then.monotonic)
}
