import { hash, randomBytes } from 'node:crypto'
import {
  CHECK_CHARS,
  KEY_CHARS,
  KEY_FORM,
  KEY_PREFIX,
  maskKey,
  SECRET_CHARS,
} from '@daytona-auth/protocol/api-key-format'
import { base62, base62OfInteger, isBase62OfInteger } from './base62.ts'
import { crc32 } from './crc32.ts'

/** A new key. `key` is shown once and never stored; `digest` is stored; `hint` may be shown again. */
export interface MintedKey {
  readonly key: string
  readonly digest: Buffer
  readonly hint: string
}

const ENTROPY_BYTES = 32
const UNSIGNED_CHARS = KEY_CHARS - CHECK_CHARS

const SHAPE = new RegExp(`^${KEY_FORM}$`)

/** 43 digits reach a little past 2^256. Digits compare as numbers do, so one comparison finds values above 2^256. */
const FIRST_TOO_LARGE = KEY_PREFIX + base62(2n ** 256n, SECRET_CHARS)

/**
 * Mints a key: the prefix, 256 random bits in base 62, and a checksum.
 *
 * `entropy` is a parameter so that a test can fix the format; production never passes it.
 *
 * @throws RangeError unless `entropy` is 32 bytes.
 */
export function mintKey(entropy: Uint8Array = randomBytes(ENTROPY_BYTES)): MintedKey {
  if (entropy.length !== ENTROPY_BYTES) throw new RangeError(`a key takes ${ENTROPY_BYTES} bytes of entropy`)
  const secret = base62(BigInt(`0x${Buffer.from(entropy).toString('hex')}`), SECRET_CHARS)
  const unsigned = KEY_PREFIX + secret
  const key = unsigned + base62OfInteger(checksum(unsigned), CHECK_CHARS)
  return { key, digest: digestOf(key), hint: maskKey(key) }
}

/** Whether a credential is meant as a key, well-formed or not. Decides which of the two 401 bodies is sent. */
export const looksLikeKey = (credential: string): boolean => credential.startsWith(KEY_PREFIX)

/** Whether `mintKey` can have returned this string. A typo or an invented key so never costs a query. */
export const isKey = (credential: string): boolean => findKeyFault(credential) === undefined

/** What is wrong with the form of a key. */
export type KeyFault = 'keyMasked' | 'keyTooShort' | 'keyTooLong' | 'keyCharacter' | 'keyChecksum'

/** Finds what is wrong with the form of a key; undefined if it is well-formed. */
export function findKeyFault(credential: string): KeyFault | undefined {
  if (credential.length !== KEY_CHARS) {
    if (credential.includes('***')) return 'keyMasked'
    return credential.length < KEY_CHARS ? 'keyTooShort' : 'keyTooLong'
  }
  if (!SHAPE.test(credential)) return 'keyCharacter'
  const isMinted = credential < FIRST_TOO_LARGE && isBase62OfInteger(credential, UNSIGNED_CHARS, checksum(credential))
  return isMinted ? undefined : 'keyChecksum'
}

/**
 * Returns the SHA-256 under which a key, or another random secret, is stored.
 *
 * One round and no salt, not argon2: these secrets have 256 bits of entropy, so guessing is infeasible, and this runs on
 * every request.
 */
export const digestOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')

/** CRC-32 finds a typo without a query. It is not a security measure. */
const checksum = (key: string): number => crc32(key, UNSIGNED_CHARS)
