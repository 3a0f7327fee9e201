import type { Clock } from './clock.ts'
import { readErrorCode } from './error.ts'

export interface Retries {
  readonly maxRetries: number
  readonly maxRetryAfterSeconds: number
  readonly clock: Clock
}

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 8000

/** Idempotent methods (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/**
 * Repeats a request while it can be retried, and returns the last response. The delay doubles, has jitter, and is at
 * least `Retry-After`.
 */
export async function withRetries(
  { method, signal }: Request,
  attempt: () => Promise<Response>,
  { maxRetries, maxRetryAfterSeconds, clock }: Retries,
): Promise<Response> {
  for (let retries = 0; ; retries += 1) {
    const response = await attempt()
    if (retries >= maxRetries || !canRepeat(method, response)) return response
    const retryAfterMs = readRetryAfter(response, clock.now())
    if (retryAfterMs > maxRetryAfterSeconds * 1000) return response
    await response.body?.cancel()
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** retries, MAX_DELAY_MS)
    await clock.sleep(retryAfterMs + delayMs * (0.5 + clock.random() / 2), signal)
  }
}

/**
 * Returns whether a request can be repeated. One that is not idempotent is repeated only after the API's own 429, which
 * is decided before any change. A 503 may follow a lost connection during a commit, and a proxy's response does not
 * show what happened behind it.
 */
function canRepeat(method: string, response: Response): boolean {
  const { status } = response
  if (status !== 429 && status !== 503) return false
  if (IDEMPOTENT.has(method)) return true
  return status === 429 && readErrorCode(response.headers) === 'rate_limit_exceeded'
}

/** Reads `Retry-After` (RFC 9110 section 10.2.3) in milliseconds from now; zero if it is missing or invalid. */
function readRetryAfter({ headers }: Response, now: number): number {
  const value = headers.get('retry-after') ?? ''
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}
