import type { IncomingHttpHeaders } from 'node:http'
import { createKeyRing } from '../../provider/keys/key-ring.ts'
import type { Viewer } from './viewer.ts'

/** `stale`: from our own page, opened for another account or session than the current one. */
export type CsrfVerdict = 'accepted' | 'stale' | 'forged'

export interface CsrfTokens {
  /** Issues the token for a page's forms, bound to one interaction, account and session. */
  issue(uid: string, viewer: Viewer): string
  /** Compares a token with the interaction and the current viewer. */
  check(uid: string, viewer: Viewer, token: unknown): CsrfVerdict
}

/** Two SHA-256 values in base64url, and a dot. */
const TOKEN_CHARS = 87

/**
 * Issues and checks tokens bound to an interaction, and to the account and session for which the page was opened. A
 * cookie proves that the browser holds the interaction's id. Another site's page has neither id, and a token is valid
 * for its own interaction only. `keys` are the cookie keys: the first signs, all verify.
 */
export function createCsrfTokens(keys: readonly string[]): CsrfTokens {
  // Derived keys, so that a signed cookie never counts as a token.
  const ring = createKeyRing(keys, 'interaction csrf token')
  const ofInteraction = (uid: string) => JSON.stringify(['interaction', uid])
  const ofViewer = (uid: string, viewer: Viewer) =>
    JSON.stringify(['viewer', uid, ...(viewer ? [viewer.userId, viewer.sessionUid] : [])])
  const isSigned = (text: string, signature: string) => ring.verify(text, Buffer.from(signature, 'base64url'))

  return {
    issue: (uid, viewer) =>
      [ofInteraction(uid), ofViewer(uid, viewer)].map((text) => ring.sign(text).toString('base64url')).join('.'),
    check(uid, viewer, token) {
      if (typeof token !== 'string' || token.length !== TOKEN_CHARS) return 'forged'
      const [interaction = '', seenBy = '', ...more] = token.split('.')
      if (more.length > 0 || !isSigned(ofInteraction(uid), interaction)) return 'forged'
      return isSigned(ofViewer(uid, viewer), seenBy) ? 'accepted' : 'stale'
    },
  }
}

/**
 * Whether a form was sent from one of our own pages, by the browser's headers. A page cannot forge `Sec-Fetch-Site`, so
 * it decides if present. Browsers without it send `Origin` with every POST. A request with neither comes from no
 * browser, so no user was lured into sending it: the token alone decides.
 */
export function isFromOurPages(headers: IncomingHttpHeaders, origin: string): boolean {
  if (headers.origin !== undefined && headers.origin !== origin) return false
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin'
}
