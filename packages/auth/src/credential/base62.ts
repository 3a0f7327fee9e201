import { BASE62 } from '@daytona-auth/protocol/api-key-format'

/**
 * Encodes `value` in base 62, most significant digit first, zero-padded to `width`.
 *
 * The alphabet is in ASCII order, so texts of one width compare as their values do.
 *
 * @throws RangeError if the value is negative or needs more than `width` digits: truncation would yield another number.
 */
export function base62(value: bigint, width: number): string {
  let digits = ''
  let rest = value
  for (let place = 0; place < width; place++) {
    digits = BASE62.charAt(Number(rest % 62n)) + digits
    rest /= 62n
  }
  if (value < 0n || rest > 0n) throw new RangeError(`does not fit into ${width} base62 digits`)
  return digits
}

/** As `base62`, for an integer below 2^53. BigInt arithmetic takes ten times as long. */
export function base62OfInteger(value: number, width: number): string {
  let digits = ''
  let rest = value
  for (let place = 0; place < width; place++) {
    digits = BASE62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  if (value < 0 || rest > 0) throw new RangeError(`does not fit into ${width} base62 digits`)
  return digits
}

/** Whether `text` from `start` to its end equals `base62OfInteger(value, …)`. Allocates no string. */
export function isBase62OfInteger(text: string, start: number, value: number): boolean {
  let rest = value
  for (let place = text.length - 1; place >= start; place--) {
    if (text.charCodeAt(place) !== BASE62.charCodeAt(rest % 62)) return false
    rest = Math.floor(rest / 62)
  }
  return rest === 0
}
