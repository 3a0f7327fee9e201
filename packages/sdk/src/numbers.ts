/** The longest delay of a timer. A longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** @throws TypeError unless `value` is a number from `least` to `most` */
export function requireWithin(name: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return
  throw new TypeError(`${name} must be a number from ${least} to ${most}`)
}

/** @throws TypeError unless `value` is a valid delay of a timer in milliseconds */
export const requireTimeout = (name: string, value: number): void => requireWithin(name, value, 1, MAX_TIMER_MS)
