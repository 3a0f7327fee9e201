/** The start of every API key. Published: secret scanners and users' own checks rely on it. */
export const KEY_PREFIX = 'dta_'

/** The characters after the prefix: 256 random bits in base 62, then a CRC-32 of everything before it. */
export const SECRET_CHARS = 43
export const CHECK_CHARS = 6

/** The length of a key. */
export const KEY_CHARS = KEY_PREFIX.length + SECRET_CHARS + CHECK_CHARS

/** The digits of base 62, in ASCII order: texts of one length compare as their numbers do. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The largest 256-bit number in base 62. */
export const LARGEST_SECRET = 'yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1'

/** The source of a regular expression that matches the form of a key, without its checksum. */
export const KEY_FORM = `${KEY_PREFIX}[0-9A-Za-z]{${SECRET_CHARS + CHECK_CHARS}}`

/** Matches keys in a repository or a log, for secret scanners. */
export const KEY_PATTERN = `\\b${KEY_FORM}\\b`

/** The visible characters of a masked key, at its end and after its prefix. */
const VISIBLE_CHARS = 4

/** The visible parts of a key or of its mask. */
export interface VisibleParts {
  /** The prefix and the first 4 characters. */
  readonly start: string
  /** The last 4 characters. */
  readonly end: string
}

export const visiblePartsOf = (key: string): VisibleParts => ({
  start: key.slice(0, KEY_PREFIX.length + VISIBLE_CHARS),
  end: key.slice(-VISIBLE_CHARS),
})

/** Masks a key for display after its creation: the prefix, the first 4 characters, 20 asterisks, the last 4. */
export function maskKey(key: string): string {
  const { start, end } = visiblePartsOf(key)
  return `${start}${'*'.repeat(20)}${end}`
}
