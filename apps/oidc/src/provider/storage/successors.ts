import { randomBytes } from 'node:crypto'
import { createKeyRing } from '../keys/key-ring.ts'

/**
 * Derives the refresh token that succeeds another one, so that a repeated request within the grace gets the same
 * successor although only digests are stored. Deriving takes the token, its stored salt, and a cookie key. So neither a
 * copy of the database nor an old token with our keys reveals a later token.
 */
export interface Successors {
  /** Generates the salt that is stored with a new refresh token. */
  createSalt(): string
  derive(token: string, salt: string): string
  /** Derives a candidate under each key: the first request may have been served before the keys were replaced. */
  deriveWithEach(token: string, salt: string): readonly string[]
}

const SALT_BYTES = 16

/** `keys` are the cookie keys: the first one derives, each one is tried for a repeated request. */
export function createSuccessors(keys: readonly string[]): Successors {
  const ring = createKeyRing(keys, 'refresh token successor')
  const text = (token: string, salt: string) => JSON.stringify([token, salt])
  return {
    createSalt: () => randomBytes(SALT_BYTES).toString('base64url'),
    derive: (token, salt) => ring.sign(text(token, salt)).toString('base64url'),
    deriveWithEach: (token, salt) =>
      ring.signWithEach(text(token, salt)).map((signature) => signature.toString('base64url')),
  }
}
