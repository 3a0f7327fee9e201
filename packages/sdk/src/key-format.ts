import { BASE62, CHECK_CHARS, KEY_CHARS, KEY_PREFIX, LARGEST_SECRET } from '@daytona-auth/protocol/api-key-format'

/**
 * Finds what is wrong with the format of an API key; undefined if it is valid. Works offline: a valid format means that
 * the key was copied completely, not that a server accepts it.
 */
export function findKeyFault(key: string): string | undefined {
  if (!key.startsWith(KEY_PREFIX)) return `it does not begin with ${KEY_PREFIX}`
  if (key.length !== KEY_CHARS) return `it has ${key.length} characters instead of ${KEY_CHARS}`
  if (!/^[0-9A-Za-z]+$/.test(key.slice(KEY_PREFIX.length))) return 'it has characters other than letters and digits'
  const unsigned = key.slice(0, -CHECK_CHARS)
  if (unsigned.slice(KEY_PREFIX.length) > LARGEST_SECRET) return 'it encodes more than 256 bits'
  if (!key.endsWith(checksum(unsigned))) return 'its checksum is wrong: a character was lost or changed'
  return undefined
}

function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let place = 0; place < CHECK_CHARS; place++) {
    digits = BASE62.charAt(rest % 62) + digits
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
