/** Time, so that a test need not wait. */
export interface ResourceServerClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since some instant; nobody sets it back. */
  monotonic(): number
}

export const systemTime: ResourceServerClock = { now: () => Date.now(), monotonic: () => performance.now() }

export interface Instant {
  readonly wall: number
  readonly monotonic: number
}

export const instantOf = (clock: ResourceServerClock): Instant => ({ wall: clock.now(), monotonic: clock.monotonic() })

/**
 * Milliseconds since `then`, by the clock that says more: one can be set back, the other stands still while a machine
 * sleeps. Without end if the wall clock says that it was not yet.
 */
export function ageOf(then: Instant, clock: ResourceServerClock): number {
  const wall = clock.now() - then.wall
  return wall < 0 ? Number.POSITIVE_INFINITY : Math.max(wall, clock.monotonic() - then.monotonic)
}
