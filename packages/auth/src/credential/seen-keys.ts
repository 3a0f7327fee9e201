/** As many as three characters of six bits tell apart. */
const MARKS = 2 ** 18

/** Which keys have been looked up before, roughly: told apart by the last characters of their checksums. */
export interface SeenKeys {
  /** Whether this key may have been looked up: surely not, or perhaps. */
  mayHave(key: string): boolean
  add(key: string): void
}

/**
 * Says what to look at first: a key that may be known at its digest, any other at its form. So one with a typo costs no
 * digest, and one that is known no look at its form. It decides nothing: each leads to the same answer, sooner or later.
 */
export function seenKeys(): SeenKeys {
  // A bit each: all of them stay in the processor's caches.
  const words = new Int32Array(MARKS / 32)
  return {
    mayHave(key) {
      const place = placeOf(key)
      return ((words[place >> 5] ?? 0) & (1 << (place & 31))) !== 0
    },
    add(key) {
      const place = placeOf(key)
      words[place >> 5] = (words[place >> 5] ?? 0) | (1 << (place & 31))
    },
  }
}

function placeOf(key: string): number {
  const end = key.length
  return (sixBits(key, end - 1) << 12) | (sixBits(key, end - 2) << 6) | sixBits(key, end - 3)
}

/** Enough for base62 but for some pairs of letters and digits; 0 for the places before the text. */
const sixBits = (text: string, at: number): number => text.charCodeAt(at) & 63
