/** The remainder of each byte by the reflected polynomial of IEEE 802.3. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
  return remainder
})

/**
 * Computes the CRC-32 of the first `length` characters of an ASCII text, as an unsigned integer.
 *
 * Not `zlib.crc32`: for the 47 characters of a key, the call into native code costs a server under load ten times the
 * computation.
 */
export function crc32(text: string, length: number): number {
  let crc = -1
  for (let index = 0; index < length; index++) {
    // The index is at most 255, so the entry exists.
    crc = (crc >>> 8) ^ (REMAINDERS[(crc ^ text.charCodeAt(index)) & 0xff] as number)
  }
  return (crc ^ -1) >>> 0
}
