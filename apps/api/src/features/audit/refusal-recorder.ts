import type { OnRefusal } from '@daytona-auth/auth'
import type { KeyRefusal } from '@daytona-auth/db'

const MINUTE_MS = 60_000

/** Keys that are remembered in a minute; the refusals of further ones are counted as use, and not told. */
const MAX_KEYS = 100_000

/** Refusals that wait when nothing can be written. */
const MAX_WAITING = 10_000

/** Rows of one statement, of which the parameters are counted. */
const BATCH = 500

const USER_AGENT_CHARS = 512

export interface RefusalRecorder {
  /** Takes note of the first refusal of a key in each organization and minute, and counts those after it. */
  readonly note: OnRefusal
  /** Writes what has been noted. What cannot be written is kept for the next time. */
  flush(): Promise<void>
}

type Noted = Omit<KeyRefusal, 'count'> & { count: number }

/**
 * Gathers the refusals of known keys in memory, so that nothing is written while a request waits and a flood leaves one
 * event a minute. `count` is of those that had come when the event was written; the use of a key counts all.
 */
export function refusalRecorder({
  write,
  now,
}: {
  write: (refusals: readonly KeyRefusal[]) => Promise<void>
  /** Milliseconds since the epoch. */
  now: () => number
}): RefusalRecorder {
  let minute = 0
  let noted = new Map<string, Noted>()
  let waiting: Noted[] = []
  let writing = Promise.resolve()

  const note: OnRefusal = ({ keyId, secretDigest }, organizationId, { statusCode, message, cause }, request) => {
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
    const refusal = {
      keyId,
      secretDigest,
      organizationId,
      statusCode,
      errorMessage: message,
      reason: typeof cause === 'string' ? cause : null,
      method: request.method,
      route: request.routeOptions.url ?? null,
      ipAddress: request.ip,
      userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_CHARS) ?? null,
      count: 1,
    }
    noted.set(name, refusal)
    waiting.push(refusal)
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
      // One after the other: what was noted while an earlier flush was under way is written by one of its own.
      writing = writing.then(writeOut, writeOut)
      return writing
    },
  }
}
