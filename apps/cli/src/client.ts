import { DaytonaAuth, type DaytonaAuthOptions } from '@daytona-auth/sdk'
import { USER_AGENT } from './version.ts'

/**
 * Creates a client whose user agent names this program in the audit trail and in logs.
 * @param deadline aborts all requests, which are then not repeated
 */
export const createClient = (options: DaytonaAuthOptions, deadline?: AbortSignal): DaytonaAuth =>
  new DaytonaAuth({
    ...options,
    ...(deadline !== undefined && { maxRetries: 0 }),
    fetch(input, init) {
      const request = new Request(input, init)
      request.headers.set('user-agent', USER_AGENT)
      return fetch(request, deadline && { signal: AbortSignal.any([request.signal, deadline]) })
    },
  })
