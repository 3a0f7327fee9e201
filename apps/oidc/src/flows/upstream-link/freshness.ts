import type { OpenInteraction } from '../interaction/open.ts'

type Requested = Pick<OpenInteraction, 'prompts' | 'maxAge' | 'prompt' | 'viewer'>

/** The difference of two clocks, and the time for the way back. */
const TOLERANCE_SECONDS = 60

/** What the app or the user demands of the sign-in, for the request to the upstream provider. */
export function demandsOf(
  { prompts, maxAge, prompt, viewer }: Requested,
  sessionSeconds: number,
): { readonly prompt: 'login' | 'select_account' | undefined; readonly maxAge: number } {
  if (prompts.includes('login')) return { prompt: 'login', maxAge: 0 }
  const isSwitch = prompts.includes('select_account') || (prompt === 'consent' && viewer !== undefined)
  // Always: it makes the provider state the time (OIDC Core §2, `auth_time`).
  return { prompt: isSwitch ? 'select_account' : undefined, maxAge: Math.min(maxAge ?? sessionSeconds, sessionSeconds) }
}

/** Whether the app demands a recent sign-in, so that a provider that does not state its time is of no use. */
export const needsAuthTime = ({ prompts, maxAge }: Requested): boolean =>
  prompts.includes('login') || maxAge !== undefined

/** Whether a sign-in at `authTime`, in seconds, is as recent as the app demands. One of an unknown time never is. */
export function isRecentEnough(
  requested: Requested,
  {
    authTime,
    startedAt,
    now,
  }: { readonly authTime: number | undefined; readonly startedAt: number; readonly now: number },
): boolean {
  if (!needsAuthTime(requested)) return true
  if (authTime === undefined) return false
  if (requested.prompts.includes('login') && authTime < startedAt / 1000 - TOLERANCE_SECONDS) return false
  return requested.maxAge === undefined || now / 1000 - authTime <= requested.maxAge + TOLERANCE_SECONDS
}

/**
 * Returns the `auth_time` of our session. If the provider does not state it, the earliest possible one: a later `max_age` must
 * not accept a sign-in that was not recent.
 */
export const authTimeOf = (authTime: number | undefined, nowSeconds: number, sessionSeconds: number): number =>
  Math.min(authTime ?? nowSeconds - sessionSeconds, nowSeconds)
