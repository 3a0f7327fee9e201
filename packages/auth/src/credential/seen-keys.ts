/** The number of values of three characters of six bits. */
const BITS = 2 ** 18

/** A filter of the keys that have been looked up before, by the last characters of their checksums. */
export interface SeenKeys {
  /** Whether this key may have been looked up before. False positives occur, false negatives do not. */
  mayHave(key: string): boolean
  add(key: string): void
}

/**
 * Makes the filter, which chooses the first check of a key: its digest if it may be known, otherwise its form. A typo then
 * costs no digest, and a known key no check of its form. Both orders lead to the same answer.
 */
export function seenKeys(): SeenKeys {
  // One bit a value, so that the filter stays in the CPU caches.
  const words = new Int32Array(BITS / 32)
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

/** Six bits distinguish the base62 digits except for some pairs of letters and digits; 0 before the start of the text. */
const sixBits = (text: string, at: number): number => text.charCodeAt(at) & 63
