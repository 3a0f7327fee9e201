import ms from 'ms'

/** A number and its unit: `ms` alone would take a bare number for milliseconds, and a sign for the past. */
const SHAPE = /^\d+(\.\d+)?\s*[a-z]+$/i

/** How long `text` says, such as `30d`, `24h` or `90 minutes`, in milliseconds; undefined if it says nothing. */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim()
  if (!SHAPE.test(trimmed)) return undefined
  // The library parses any text and answers undefined for what is none; its type wants a literal.
  return ms(trimmed as ms.StringValue)
}
