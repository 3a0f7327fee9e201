import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Viewer } from './viewer.ts'

/** `stale`: from our own page, which was opened for another account or session than the browser has now. */
export type CsrfVerdict = 'accepted' | 'stale' | 'forged'

export interface CsrfTokens {
  /** The token that the forms of a page carry: of one interaction, opened for one account and session. */
  issue(uid: string, viewer: Viewer): string
  /** Compares a token with this interaction and with who is signed in now. */
  check(uid: string, viewer: Viewer, token: unknown): CsrfVerdict
}

/** Two SHA-256 in base64url and a point. */
const TOKEN_CHARS = 87

/**
 * Tokens bound to an interaction, whose id the browser proves to hold by a cookie, and to the account and session that
 * the page was opened for. A page of another site knows neither id, and the token of another interaction opens no
 * other. `keys` are the cookie keys: the first signs, all verify.
 */
export function csrfTokens(keys: readonly string[]): CsrfTokens {
  // Derived, so that a signed cookie can never be made to serve as a token.
  const derived = keys.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'interaction csrf token', 32)))
  const [first] = derived
  if (!first) throw new Error('at least one cookie key is needed')
  const sign = (key: Buffer, ...what: string[]) => createHmac('sha256', key).update(JSON.stringify(what)).digest()
  const ofInteraction = (key: Buffer, uid: string) => sign(key, 'interaction', uid)
  const ofViewer = (key: Buffer, uid: string, viewer: Viewer) =>
    sign(key, 'viewer', uid, ...(viewer ? [viewer.userId, viewer.sessionUid] : []))
  const isOne = (text: string, expected: (key: Buffer) => Buffer) => {
    const given = Buffer.from(text, 'base64url')
    return derived.some((key) => given.length === 32 && timingSafeEqual(given, expected(key)))
  }

  return {
    issue: (uid, viewer) =>
      [ofInteraction(first, uid), ofViewer(first, uid, viewer)].map((part) => part.toString('base64url')).join('.'),
    check(uid, viewer, token) {
      if (typeof token !== 'string' || token.length !== TOKEN_CHARS) return 'forged'
      const [interaction = '', seenBy = '', ...more] = token.split('.')
      if (more.length > 0 || !isOne(interaction, (key) => ofInteraction(key, uid))) return 'forged'
      return isOne(seenBy, (key) => ofViewer(key, uid, viewer)) ? 'accepted' : 'stale'
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
