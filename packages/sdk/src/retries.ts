import type { Clock } from './clock.ts'
import { errorCodeOf } from './error.ts'

export interface Retries {
  readonly maxRetries: number
  readonly maxRetryAfterSeconds: number
  readonly clock: Clock
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 8000

/** RFC 9110 section 9.2.2: to send them twice is to send them once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/**
 * Sends until there is an answer other than "not now", or patience ends: the last answer is returned. It waits twice as
 * long each time, never less than `Retry-After` says, and never exactly as long as its neighbours.
 */
export async function withRetries(
  { method, signal }: Request,
  attempt: () => Promise<Response>,
  { maxRetries, maxRetryAfterSeconds, clock }: Retries,
): Promise<Response> {
  for (let retries = 0; ; retries += 1) {
    const response = await attempt()
    if (retries >= maxRetries || !mayRepeat(method, response)) return response
    const retryAfterMs = retryAfterOf(response, clock.now())
    if (retryAfterMs > maxRetryAfterSeconds * 1000) return response
    await response.body?.cancel()
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** retries, LONGEST_DELAY_MS)
    await clock.sleep(retryAfterMs + delayMs * (0.5 + clock.random() / 2), signal)
  }
}

/**
 * A request that changes something, and would change it again, is repeated only if the server itself says that it was
 * over a limit: that is decided before anything is done. Its 503 says less, since it is what a connection gives that
 * broke while a change was being committed; and what a proxy says tells nothing of what happened behind it.
 */
function mayRepeat(method: string, response: Response): boolean {
  const { status } = response
  if (status !== 429 && status !== 503) return false
  if (IDEMPOTENT.has(method)) return true
  return status === 429 && errorCodeOf(response.headers) === 'rate_limit_exceeded'
}

/** Seconds or a date (RFC 9110 section 10.2.3), in milliseconds from now; zero for what is neither. */
function retryAfterOf({ headers }: Response, now: number): number {
  const value = headers.get('retry-after') ?? ''
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}
