const PREFIX = 'dta_'
const SECRET_CHARS = 43
const CHECK_CHARS = 6
const KEY_CHARS = PREFIX.length + SECRET_CHARS + CHECK_CHARS
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The largest 256-bit number in base 62. The alphabet is in ASCII order: texts of one length compare as numbers. */
const LARGEST_SECRET = 'yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1'

/**
 * Finds what is wrong with the format of an API key; undefined if it is valid. Works offline: a valid format means that
 * the key was copied completely, not that a server accepts it.
 */
export function findKeyFault(key: string): string | undefined {
  if (!key.startsWith(PREFIX)) return `it does not begin with ${PREFIX}`
  if (key.length !== KEY_CHARS) return `it has ${key.length} characters instead of ${KEY_CHARS}`
  if (!/^[0-9A-Za-z]+$/.test(key.slice(PREFIX.length))) return 'it has characters other than letters and digits'
  const unsigned = key.slice(0, -CHECK_CHARS)
  if (unsigned.slice(PREFIX.length) > LARGEST_SECRET) return 'it encodes more than 256 bits'
  if (!key.endsWith(checksum(unsigned))) return 'its checksum is wrong: a character was lost or changed'
  return undefined
}

/** Masks a key as the server does. */
export const maskKey = (key: string): string => `${key.slice(0, PREFIX.length + 4)}${'*'.repeat(20)}${key.slice(-4)}`

function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let place = 0; place < CHECK_CHARS; place++) {
    digits = ALPHABET.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** CRC-32 (IEEE 802.3, reflected) of an ASCII text. Browsers have no built-in one. */
function crc32(text: string): number {
  let crc = -1
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
