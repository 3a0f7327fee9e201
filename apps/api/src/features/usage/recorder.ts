import type { KnownKey, OnDecision } from '@daytona-auth/auth'
import type { HourOfUse, OrganizationId, SecretUse } from '@daytona-auth/db'
import type { OnDenial } from '../../http/handler-refusals.ts'

const HOUR_MS = 60 * 60 * 1000

const LONGEST_REQUEST_MS = 60_000

/** Keys that are remembered when nothing can be written; the counts of further ones are lost. */
const MAX_KEYS = 100_000

export interface UsageBatch {
  readonly uses: readonly SecretUse[]
  readonly hours: readonly HourOfUse[]
}

export interface UsageRecorder {
  /** Counts a request with a known key. Only one that was let through is a use of its secret. */
  readonly count: OnDecision
  /** Counts as denied a request that was counted as let through: its handler refused it. */
  readonly deny: OnDenial
  /** Writes what has been counted. What cannot be written is kept for the next time. */
  flush(): Promise<void>
}

interface Tally {
  /** Milliseconds since the epoch; 0 for none. */
  usedAt: number
  address: string
  readonly counts: Map<OrganizationId, Counts>
  /** Of `counts`, the one that was used last: nearly every key is used in one organization at a time. */
  latest: { readonly organizationId: OrganizationId; readonly counts: Counts }
}

interface Counts {
  allowed: number
  denied: number
}

/**
 * Counts the uses of keys in memory, so that nothing is written while a request waits. A process that is killed loses
 * what it counted since the last flush, and nothing else.
 */
export function usageRecorder({
  write,
  now,
}: {
  write: (batch: UsageBatch) => Promise<void>
  /** Milliseconds since the epoch. */
  now: () => number
}): UsageRecorder {
  // By the principal itself: one object for each key while it is cached, so that counting compares no texts.
  let tallies = new Map<KnownKey, Tally>()
  let hour = hourOf(now())
  let waiting: UsageBatch = { uses: [], hours: [] }
  let writing: Promise<void> | undefined

  const count: OnDecision = (key, organizationId, verdict, address, instant) => {
    if (instant >= hour + HOUR_MS) settle(hourOf(instant))
    let tally = tallies.get(key)
    if (tally === undefined) {
      if (tallies.size >= MAX_KEYS) return
      const counts = { allowed: 0, denied: 0 }
      tally = {
        usedAt: 0,
        address: '',
        counts: new Map([[organizationId, counts]]),
        latest: { organizationId, counts },
      }
      tallies.set(key, tally)
    }
    if (tally.latest.organizationId !== organizationId) {
      const counts = tally.counts.get(organizationId) ?? { allowed: 0, denied: 0 }
      tally.counts.set(organizationId, counts)
      tally.latest = { organizationId, counts }
    }
    tally.latest.counts[verdict] += 1
    if (verdict === 'denied') return
    tally.usedAt = instant
    tally.address = address
  }

  const deny: OnDenial = (key, organizationId, address) => {
    const instant = now()
    count(key, organizationId, 'denied', address, instant)
    const counts = tallies.get(key)?.counts.get(organizationId)
    // Below zero if what it was counted as is written already: the database adds up. Not so where that may have been
    // in the hour before.
    if (counts && (counts.allowed > 0 || instant > hour + LONGEST_REQUEST_MS)) counts.allowed -= 1
  }

  /** Moves what was counted in the hour that there was to what waits to be written. */
  function settle(nextHour: number): void {
    if (waiting.uses.length < MAX_KEYS) waiting = merge(waiting, batchOf(tallies, hour))
    tallies = new Map()
    hour = nextHour
  }

  async function writeOut(): Promise<void> {
    settle(hourOf(now()))
    const batch = waiting
    if (batch.uses.length === 0 && batch.hours.length === 0) return
    waiting = { uses: [], hours: [] }
    try {
      await write(batch)
    } catch (error) {
      waiting = merge(batch, waiting)
      throw error
    }
  }

  return {
    count,
    deny,
    async flush() {
      // What was counted while an earlier flush was under way is written by one of its own.
      await writing
      writing = writeOut().finally(() => {
        writing = undefined
      })
      await writing
    },
  }
}

const hourOf = (milliseconds: number): number => milliseconds - (milliseconds % HOUR_MS)

function batchOf(tallies: ReadonlyMap<KnownKey, Tally>, hour: number): UsageBatch {
  const uses: SecretUse[] = []
  const hours: HourOfUse[] = []
  for (const [{ keyId, secretDigest }, { usedAt, address, counts }] of tallies) {
    if (usedAt > 0) uses.push({ digest: secretDigest, usedAt: new Date(usedAt), ip: address })
    for (const [organizationId, { allowed, denied }] of counts) {
      hours.push({ keyId, organizationId, hour: new Date(hour), allowed, denied })
    }
  }
  return { uses, hours }
}

/** One row for each secret and for each key, organization and hour: the statement must not touch a row twice. */
function merge(earlier: UsageBatch, later: UsageBatch): UsageBatch {
  const uses = new Map<string, SecretUse>()
  for (const use of [...earlier.uses, ...later.uses]) uses.set(Buffer.from(use.digest).toString('latin1'), use)
  const hours = new Map<string, HourOfUse>()
  for (const one of [...earlier.hours, ...later.hours]) {
    const name = `${one.keyId} ${one.organizationId} ${one.hour.getTime()}`
    const before = hours.get(name)
    hours.set(
      name,
      before ? { ...one, allowed: before.allowed + one.allowed, denied: before.denied + one.denied } : one,
    )
  }
  return { uses: [...uses.values()], hours: [...hours.values()] }
}
