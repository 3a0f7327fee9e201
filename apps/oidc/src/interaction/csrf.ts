import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface CsrfTokens {
  /** The token that the forms of one interaction carry. */
  issue(uid: string): string
  /** Whether `token` was issued for this very interaction. */
  accepts(uid: string, token: unknown): boolean
}

/**
 * Tokens bound to an interaction, whose id the browser proves to hold by a cookie: a stranger's page knows neither, and
 * the token of a stranger's own interaction opens no other. `keys` are the cookie keys: the first signs, all verify.
 */
export function csrfTokens(keys: readonly string[]): CsrfTokens {
  // Derived, so that a signed cookie can never be made to serve as a token.
  const derived = keys.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'interaction csrf token', 32)))
  const [first] = derived
  if (!first) throw new Error('at least one cookie key is needed')
  const sign = (key: Buffer, uid: string) => createHmac('sha256', key).update(uid).digest()

  return {
    issue: (uid) => sign(first, uid).toString('base64url'),
    accepts(uid, token) {
      if (typeof token !== 'string') return false
      const given = Buffer.from(token, 'base64url')
      return derived.some((key) => given.length === 32 && timingSafeEqual(given, sign(key, uid)))
    },
  }
}

/**
 * Whether a form was sent from one of our own pages, as the browser tells. `Sec-Fetch-Site` cannot be forged by a page
 * and decides where it is sent; browsers without it send `Origin` with every POST. A request with neither comes from no
 * browser, so nobody was lured into it: the token alone decides.
 */
export function isFromOurPages(headers: IncomingHttpHeaders, origin: string): boolean {
  if (headers.origin !== undefined && headers.origin !== origin) return false
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin'
}
