import type { OrganizationId, UserId } from '@daytona-auth/db/core'
import { type Denial, tooManyRequests, unavailable } from '@daytona-auth/service'

export interface StreamLimits {
  /** The most open streams of this process. */
  readonly perProcess: number
  readonly perOrganization: number
  readonly perUser: number
}

/** After which a refused reader may try again, in seconds. Streams are long, so soon is useless. */
const RETRY_SECONDS = 10

/** The open event streams of a process. */
export interface StreamSlots {
  /** The number of open streams. */
  count(): number
  /** Takes a slot. Returns the function that releases it, which may be called again, or the denial. */
  take(organizationId: OrganizationId, userId: UserId): (() => void) | Denial
}

/** Bounds the streams of a process, an organization and a user with all credentials, so that none occupies those of others. */
export function streamSlots({ perProcess, perOrganization, perUser }: StreamLimits): StreamSlots {
  const open = new Map<string, number>()
  let total = 0
  const add = (id: string, change: number) => {
    const count = (open.get(id) ?? 0) + change
    if (count === 0) open.delete(id)
    else open.set(id, count)
  }
  return {
    count: () => total,
    take(organizationId, userId) {
      if (total >= perProcess) return unavailable('too many event streams in this process', RETRY_SECONDS)
      if ((open.get(userId) ?? 0) >= perUser) return tooManyRequests('too many event streams of a user', RETRY_SECONDS)
      if ((open.get(organizationId) ?? 0) >= perOrganization) {
        return tooManyRequests('too many event streams of an organization', RETRY_SECONDS)
      }
      total += 1
      for (const id of [organizationId, userId]) add(id, 1)
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        total -= 1
        for (const id of [organizationId, userId]) add(id, -1)
      }
    },
  }
}
