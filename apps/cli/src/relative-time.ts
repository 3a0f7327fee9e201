const UNITS = [
  ['year', 365 * 24 * 60 * 60],
  ['month', 30 * 24 * 60 * 60],
  ['day', 24 * 60 * 60],
  ['hour', 60 * 60],
  ['minute', 60],
] as const

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** Part of a unit: a key for 30 days, created a second ago, expires in 30 days and not in 29. */
const TOLERANCE = 0.02

/** Formats an instant relative to `now` (milliseconds since the epoch), such as `in 3 days` or `2 hours ago`. */
export function formatRelative(instant: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000
  const distance = Math.abs(seconds)
  for (const [unit, length] of UNITS) {
    if (distance >= length * (1 - TOLERANCE))
      return FORMAT.format(Math.trunc(seconds / length + Math.sign(seconds) * TOLERANCE), unit)
  }
  return seconds > 0 ? 'within a minute' : 'just now'
}
