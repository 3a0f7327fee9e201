import { randomUUID } from 'node:crypto'
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

/** `keys` are the cookie keys: the first one derives, each one is tried for a repeated request. */
export function createSuccessors(keys: readonly string[]): Successors {
  const ring = createKeyRing(keys, 'refresh token successor')
  const text = (token: string, salt: string) => JSON.stringify([token, salt])
  return {
    // 122 random bits from a buffer of Node.js: `randomBytes` takes them from OpenSSL each time.
    createSalt: () => randomUUID(),
    derive: (token, salt) => ring.sign(text(token, salt)).toString('base64url'),
    deriveWithEach: (token, salt) =>
      ring.signWithEach(text(token, salt)).map((signature) => signature.toString('base64url')),
  }
}
