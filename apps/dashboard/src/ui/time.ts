const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })

/** Formats an instant as seen from `now`: "5 minutes ago", "in 3 days". Whole units, rounded towards now. */
export function formatRelative(instant: Date, now: number): string {
  const seconds = (instant.getTime() - now) / 1000
  const size = Math.abs(seconds)
  // The present is known to within ten seconds: what was created a second ago must not be in the future.
  if (size < 45) return seconds > 10 ? 'in a moment' : 'just now'
  if (size < HOUR) return relative.format(Math.trunc(seconds / MINUTE) || Math.sign(seconds), 'minute')
  if (size < DAY) return relative.format(Math.trunc(seconds / HOUR), 'hour')
  if (size < 60 * DAY) return relative.format(Math.trunc(seconds / DAY), 'day')
  if (size < 730 * DAY) return relative.format(Math.trunc(seconds / (30.44 * DAY)), 'month')
  return relative.format(Math.trunc(seconds / (365.25 * DAY)), 'year')
}

/** Formats an instant in the person's time zone, with seconds. */
export const formatAbsolute = (instant: Date): string => absolute.format(instant)

/** Formats the day of an instant in the person's time zone. */
export const formatDay = (instant: Date): string => day.format(instant)
