import { hash, randomBytes } from 'node:crypto'
import { base62, base62OfInteger, isBase62OfInteger } from './base62.ts'
import { crc32 } from './crc32.ts'

/** A new key. `key` is shown once and never stored; `digest` is stored; `hint` may be shown again. */
export interface MintedKey {
  readonly key: string
  readonly digest: Buffer
  readonly hint: string
}

const PREFIX = 'dta_'
const ENTROPY_BYTES = 32
const SECRET_CHARS = 43
const CHECK_CHARS = 6
const UNSIGNED_CHARS = PREFIX.length + SECRET_CHARS
const KEY_CHARS = UNSIGNED_CHARS + CHECK_CHARS
const HINT_CHARS = 4

const SHAPE = /^dta_[0-9A-Za-z]{49}$/

/** 43 digits reach a little past 2^256. Digits compare as numbers do, so one comparison finds values above 2^256. */
const FIRST_TOO_LARGE = PREFIX + base62(2n ** 256n, SECRET_CHARS)

/** Matches keys in a repository or a log, for secret scanners. `isKey` also verifies the checksum. */
export const KEY_PATTERN = '\\bdta_[0-9A-Za-z]{49}\\b'

/**
 * Mints a key: `dta_`, 256 random bits in base 62, and a checksum.
 *
 * `entropy` is a parameter so that a test can fix the format; production never passes it.
 *
 * @throws RangeError unless `entropy` is 32 bytes.
 */
export function mintKey(entropy: Uint8Array = randomBytes(ENTROPY_BYTES)): MintedKey {
  if (entropy.length !== ENTROPY_BYTES) throw new RangeError(`a key takes ${ENTROPY_BYTES} bytes of entropy`)
  const secret = base62(BigInt(`0x${Buffer.from(entropy).toString('hex')}`), SECRET_CHARS)
  const unsigned = PREFIX + secret
  const key = unsigned + base62OfInteger(checksum(unsigned), CHECK_CHARS)
  return { key, digest: digestOf(key), hint: mask(key) }
}

/** Whether a credential is meant as a key, well-formed or not. Decides which of the two 401 bodies is sent. */
export const looksLikeKey = (credential: string): boolean => credential.startsWith(PREFIX)

/** Whether `mintKey` can have returned this string. A typo or an invented key so never costs a query. */
export function isKey(credential: string): boolean {
  if (credential.length !== KEY_CHARS || !SHAPE.test(credential)) return false
  return credential < FIRST_TOO_LARGE && isBase62OfInteger(credential, UNSIGNED_CHARS, checksum(credential))
}

/**
 * Returns the SHA-256 under which a key, or another random secret, is stored.
 *
 * One round and no salt, not argon2: these secrets have 256 bits of entropy, so guessing is infeasible, and this runs on
 * every request.
 */
export const digestOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')

/** Returns the hint that may be shown after creation: `dta_`, the first 4 characters, 20 asterisks, the last 4. */
export function mask(key: string): string {
  const visible = key.slice(PREFIX.length, PREFIX.length + HINT_CHARS)
  return `${PREFIX}${visible}${'*'.repeat(20)}${key.slice(-HINT_CHARS)}`
}

/** CRC-32 finds a typo without a query. It is not a security measure. */
const checksum = (key: string): number => crc32(key, UNSIGNED_CHARS)
