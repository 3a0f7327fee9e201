/** The remainders of all bytes by the polynomial of IEEE 802.3, reflected. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
  return remainder
})

/**
 * CRC-32 of the first `length` characters of a text that is ASCII, as an unsigned integer.
 *
 * zlib has one, too: but a request with a key asks for the sum of 47 characters, and the step from JavaScript to native code
 * and back costs a server under load ten times what the sum does.
 */
export function crc32(text: string, length: number): number {
  let crc = -1
  for (let index = 0; index < length; index++) {
    // Beyond the table for what is no byte: never for a key, whose characters have been looked at.
    crc = (crc >>> 8) ^ (REMAINDERS[(crc ^ text.charCodeAt(index)) & 0xff] as number)
  }
  return (crc ^ -1) >>> 0
}
