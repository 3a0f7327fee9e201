import type { OnDenial } from '@daytona-auth/auth'
import type { KeyDenial } from '@daytona-auth/db/api-keys'
import { userAgentOf } from '@daytona-auth/service'

const MINUTE_MS = 60_000

/** Keys tracked per minute. Denials of further keys are counted as usage but get no event. */
const MAX_KEYS = 100_000

/** Denials that are queued while writes fail. */
const MAX_WAITING = 10_000

/** Rows per statement: the number of its parameters is limited. */
const BATCH = 500

export interface DenialRecorder {
  /** Records the first denial of a key in each organization and minute, and counts the following ones. */
  readonly note: OnDenial
  /** Writes the recorded denials. A batch that fails is kept for the next flush. */
  flush(): Promise<void>
}

type Noted = Omit<KeyDenial, 'count'> & { count: number }

/**
 * Collects the denials of known keys in memory, so that no request waits for a write and a flood causes one event a
 * minute. `count` covers the denials up to the time of the write. The usage of a key counts all of them.
 */
export function denialRecorder({
  write,
  now,
}: {
  write: (denials: readonly KeyDenial[]) => Promise<void>
  /** Milliseconds since the epoch. */
  now: () => number
}): DenialRecorder {
  let minute = 0
  let noted = new Map<string, Noted>()
  let waiting: Noted[] = []
  let writing = Promise.resolve()

  const note: OnDenial = ({ keyId, secretDigest }, organizationId, { statusCode, message, cause }, request) => {
    const current = Math.floor(now() / MINUTE_MS)
    if (current !== minute) {
      minute = current
      noted = new Map()
    }
    const name = `${keyId} ${organizationId}`
    const first = noted.get(name)
    if (first) {
      first.count += 1
      return
    }
    if (noted.size >= MAX_KEYS || waiting.length >= MAX_WAITING) return
    const denial = {
      keyId,
      secretDigest,
      organizationId,
      statusCode,
      errorMessage: message,
      reason: typeof cause === 'string' ? cause : null,
      method: request.method,
      route: request.routeOptions.url ?? null,
      ipAddress: request.ip,
      userAgent: userAgentOf(request.headers),
      count: 1,
    }
    noted.set(name, denial)
    waiting.push(denial)
  }

  async function writeOut(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      await write(batch)
      waiting = waiting.slice(batch.length)
    }
  }

  return {
    note,
    flush() {
      // Flushes run one after the other: denials recorded during one are written by the next.
      writing = writing.then(writeOut, writeOut)
      return writing
    },
  }
}
