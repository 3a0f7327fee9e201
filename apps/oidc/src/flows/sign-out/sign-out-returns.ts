import { randomBytes } from 'node:crypto'
import { boundedText } from '@daytona-auth/service'
import { z } from 'zod'
import { cookieName, readCookies, setCookie } from '../interaction/cookies.ts'
import { createSignedContent } from '../interaction/signed-content.ts'

/** Where browsers continue that were sent to an upstream provider to sign out there. */
export interface SignOutReturns {
  /** Returns the state for the provider, and the cookie with which this browser continues at `landing`. */
  begin(upstream: string, landing: string | undefined): { readonly state: string; readonly cookie: string }
  /** Returns the landing of a state that this browser has begun; undefined without one, or after ten minutes. */
  find(cookies: string | undefined, upstream: string, state: string): string | undefined
  /** The cookie that deletes the one of `begin`. */
  readonly ended: string
}

const RETURN_SECONDS = 10 * 60
const PATH = '/oauth/upstream'
/** A cookie has at most 4096 characters. */
const MAX_LANDING = 2000

const Content = z.object({
  upstream: boundedText({ max: 64 }),
  state: boundedText({ max: 64 }),
  landing: boundedText({ max: MAX_LANDING }).optional(),
  until: z.number(),
})

/**
 * Creates the returns of a deployment. Signed, so that the return redirects only to where our own sign-out would have ended.
 * Nothing is stored. A landing that is too long for a cookie is left out: our page is shown.
 */
export function createSignOutReturns({
  issuer,
  cookieKeys,
  now,
}: {
  readonly issuer: string
  readonly cookieKeys: readonly string[]
  readonly now: () => number
}): SignOutReturns {
  const content = createSignedContent(cookieKeys, 'upstream sign-out', Content)
  const name = cookieName(issuer, 'sign_out')
  return {
    begin(upstream, landing) {
      const state = randomBytes(32).toString('base64url')
      const until = now() + RETURN_SECONDS * 1000
      const kept = landing !== undefined && landing.length <= MAX_LANDING ? landing : undefined
      const value = content.issue({ upstream, state, landing: kept, until })
      return { state, cookie: setCookie(issuer, name, value, { path: PATH, maxAgeSeconds: RETURN_SECONDS }) }
    },
    find(cookies, upstream, state) {
      for (const value of readCookies(cookies, name)) {
        const found = content.open(value)
        if (found?.upstream === upstream && found.state === state && now() < found.until) return found.landing
      }
      return undefined
    },
    ended: setCookie(issuer, name, '', { path: PATH, maxAgeSeconds: 0 }),
  }
}
