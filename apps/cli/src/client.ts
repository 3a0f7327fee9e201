import { DaytonaAuth, type DaytonaAuthOptions } from '@daytona-auth/sdk'
import { VERSION } from './version.ts'

/** Asks as us: the audit trail and the server's log say which program it was. */
export const clientOf = (options: DaytonaAuthOptions): DaytonaAuth =>
  new DaytonaAuth({
    ...options,
    fetch(input, init) {
      const request = new Request(input, init)
      request.headers.set('user-agent', `daytona-cli/${VERSION}`)
      return fetch(request)
    },
  })
