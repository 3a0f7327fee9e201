import ms from 'ms'

/** A number with a unit. `ms` also accepts a bare number, as milliseconds, and a sign. */
const FORMAT = /^\d+(\.\d+)?\s*[a-z]+$/i

/** Parses a duration such as `30d`, `24h` or `90 minutes` to milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim()
  if (!FORMAT.test(trimmed)) return undefined
  // The library returns undefined for other texts; only its type requires a literal.
  return ms(trimmed as ms.StringValue)
}
