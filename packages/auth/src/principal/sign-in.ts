import { ACR, type Acr, satisfiesAcr } from '@daytona-auth/protocol/authentication-context'

/** How and when the user of a token signed in: its claims `acr` and `auth_time`. */
export interface SignIn {
  /** Undefined for a token of an earlier release. */
  readonly acr: string | undefined
  /** Milliseconds since the epoch. Undefined for a token of an earlier release. */
  readonly authenticatedAt: number | undefined
}

/** What a request requires of the sign-in of its token (RFC 9470). An absent member requires nothing. */
export interface SignInRequirement {
  readonly acr?: Acr
  readonly maxAgeSeconds?: number
}

/**
 * What an organization requires whose members need a second factor. A browser in which it was given within 30 days
 * suffices, as for the sign-in itself.
 */
export const SECOND_FACTOR: SignInRequirement = Object.freeze({ acr: ACR.trustedBrowser })

/**
 * The time between a sign-in and the request for which it was made. Without it, the provider could accept a session of
 * exactly the maximum age, whose token would then be refused for its age, again and again.
 */
const TOLERANCE_SECONDS = 60

/** Whether a sign-in is as strong and as recent as required at `now`. */
export function satisfiesSignIn(
  { acr, authenticatedAt }: SignIn,
  { acr: requiredAcr, maxAgeSeconds }: SignInRequirement,
  now: number,
): boolean {
  if (requiredAcr !== undefined && !satisfiesAcr(acr, [requiredAcr])) return false
  if (maxAgeSeconds === undefined) return true
  return authenticatedAt !== undefined && now - authenticatedAt <= (maxAgeSeconds + TOLERANCE_SECONDS) * 1000
}
