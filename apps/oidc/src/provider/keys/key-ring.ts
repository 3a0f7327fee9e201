import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Authenticates texts with HMAC-SHA256. The first key signs and every key verifies, so that keys can be replaced. */
export interface KeyRing {
  sign(text: string): Buffer
  /** The signatures under every key. */
  signWithEach(text: string): readonly Buffer[]
  /** Compares in constant time. */
  verify(text: string, signature: Buffer): boolean
}

/**
 * Derives keys for one purpose from the cookie keys, so that what is signed for one purpose never counts for another.
 * @throws Error without a key
 */
export function createKeyRing(cookieKeys: readonly string[], purpose: string): KeyRing {
  const keys = cookieKeys.map((key) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)))
  const [first] = keys
  if (!first) throw new Error(`at least one cookie key is needed for: ${purpose}`)
  const signWith = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  return {
    sign: (text) => signWith(first, text),
    signWithEach: (text) => keys.map((key) => signWith(key, text)),
    verify(text, signature) {
      return keys.some((key) => {
        const expected = signWith(key, text)
        return expected.length === signature.length && timingSafeEqual(expected, signature)
      })
    },
  }
}
