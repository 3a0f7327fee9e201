const PREFIX = 'dta_'
const SECRET_CHARS = 43
const CHECK_CHARS = 6
const KEY_CHARS = PREFIX.length + SECRET_CHARS + CHECK_CHARS
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** 256 bits, all set, in base 62. The alphabet is in ASCII order, so texts of one length compare as their values do. */
const LARGEST_SECRET = 'yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1'

/**
 * What is wrong with the form of an API key, undefined if nothing is. It is decided here, without asking anybody: a
 * good form says that the key was copied whole, not that any server knows it.
 */
export function faultOfKey(key: string): string | undefined {
  if (!key.startsWith(PREFIX)) return `it does not begin with ${PREFIX}`
  if (key.length !== KEY_CHARS) return `it has ${key.length} characters instead of ${KEY_CHARS}`
  if (!/^[0-9A-Za-z]+$/.test(key.slice(PREFIX.length))) return 'it has characters other than letters and digits'
  const unsigned = key.slice(0, -CHECK_CHARS)
  if (unsigned.slice(PREFIX.length) > LARGEST_SECRET) return 'it stands for more than 256 bits'
  if (!key.endsWith(checksum(unsigned))) return 'its checksum is wrong: a character was lost or changed'
  return undefined
}

/** What may be shown of a key: the same characters that the server shows. */
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

/** By the polynomial of IEEE 802.3, reflected, of a text that is ASCII. Node has one, and browsers have none. */
function crc32(text: string): number {
  let crc = -1
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
