import type { Queryable } from '@daytona-auth/db/core'
import { canUseSecondFactor } from '@daytona-auth/db/users'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import type { Caller } from './caller.ts'

/** How long after a sign-in a person may do what cannot be undone, or what grants full access. */
export const STEP_UP_SECONDS = 15 * 60

/**
 * Requires that the person behind the caller's token signed in a short time ago, with a second factor if they have one. For
 * changes that a stolen token must not be enough for. API keys are not affected.
 * @param needsSecondFactor Requires a second factor of every person
 * @throws Denial 401 that names the sign-in to repeat (RFC 9470)
 */
export async function requireStepUp(db: Queryable, caller: Caller, { needsSecondFactor = false } = {}): Promise<void> {
  const { principal } = caller
  if (principal.kind !== 'token') return
  const isStrong = needsSecondFactor || (await canUseSecondFactor(db, principal.userId))
  caller.requireSignIn({ ...(isStrong && { acr: ACR.multiFactor }), maxAgeSeconds: STEP_UP_SECONDS })
}
