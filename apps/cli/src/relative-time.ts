const UNITS = [
  ['year', 365 * 24 * 60 * 60],
  ['month', 30 * 24 * 60 * 60],
  ['day', 24 * 60 * 60],
  ['hour', 60 * 60],
  ['minute', 60],
] as const

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** Formats an instant relative to `now` (milliseconds since the epoch), such as `in 3 days` or `2 hours ago`. */
export function formatRelative(instant: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000
  const distance = Math.abs(seconds)
  for (const [unit, length] of UNITS) {
    if (distance >= length) return FORMAT.format(Math.trunc(seconds / length), unit)
  }
  return seconds > 0 ? 'in less than a minute' : 'less than a minute ago'
}
