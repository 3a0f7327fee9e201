import { randomBytes } from 'node:crypto'
import { digestOf } from '@daytona-auth/auth'
import type { UserId } from '@daytona-auth/db/core'

/** The number of recovery codes that an account has at a time. */
export const RECOVERY_CODES = 10

/** Crockford's base32: letters and digits that are not mistaken for each other. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** 80 bits: a copy of the digests cannot be searched. */
const CHARACTERS = 16

const CODE = new RegExp(`^[${ALPHABET}]{${CHARACTERS}}$`)

/** Generates recovery codes in the form `xxxx-xxxx-xxxx-xxxx`, each valid once. */
export const createRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () =>
    [...randomBytes(CHARACTERS)]
      .map((byte) => ALPHABET[byte % ALPHABET.length])
      .join('')
      .replaceAll(/.{4}(?!$)/g, '$&-'),
  )

/**
 * Returns the characters of a recovery code as the user may have typed it: in any case, with any separators, and with
 * letters in place of similar digits. Undefined if it cannot be one.
 */
export function readRecoveryCode(given: string): string | undefined {
  const code = given.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1')
  return CODE.test(code) ? code : undefined
}

/** Returns the digest to store in place of a recovery code. It depends on the account, so that equal codes differ. */
export function recoveryCodeDigest(userId: UserId, given: string): Buffer {
  const code = readRecoveryCode(given)
  if (code === undefined) throw new Error('not a recovery code')
  return digestOf(`${userId} ${code}`)
}
