import { DaytonaAuth, type DaytonaAuthOptions } from '@daytona-auth/sdk'
import { USER_AGENT } from './version.ts'

/** Creates a client whose user agent names this program in the audit trail and in logs. */
export const createClient = (options: DaytonaAuthOptions): DaytonaAuth =>
  new DaytonaAuth({
    ...options,
    fetch(input, init) {
      const request = new Request(input, init)
      request.headers.set('user-agent', USER_AGENT)
      return fetch(request)
    },
  })
