import type { KnownKey, OnDecision } from '@daytona-auth/auth'
import type { HourOfUse, SecretUse } from '@daytona-auth/db/api-keys'
import type { OrganizationId } from '@daytona-auth/db/core'
import type { OnHandlerDenial } from '../../http/handler-denials.ts'

const HOUR_MS = 60 * 60 * 1000

const LONGEST_REQUEST_MS = 60_000

/** Keys tracked while writes fail. The counts of further keys are lost. */
const MAX_KEYS = 100_000

export interface UsageBatch {
  readonly uses: readonly SecretUse[]
  readonly hours: readonly HourOfUse[]
}

export interface UsageRecorder {
  /** Counts a request with a known key. Only an allowed request is a use of its secret. */
  readonly count: OnDecision
  /** Recounts an allowed request as denied, because its handler refused it. */
  readonly deny: OnHandlerDenial
  /** Writes the counts. A batch that fails is kept for the next flush. */
  flush(): Promise<void>
}

interface Tally {
  /** Milliseconds since the epoch; 0 for none. */
  usedAt: number
  address: string
  readonly counts: Map<OrganizationId, Counts>
  /** The entry of `counts` used last: nearly every key is used in one organization at a time. */
  latest: { readonly organizationId: OrganizationId; readonly counts: Counts }
}

interface Counts {
  allowed: number
  denied: number
}

/**
 * Counts the uses of keys in memory, so that no request waits for a write. A process that is terminated by SIGKILL
 * loses the counts since the last flush, and nothing else.
 */
export function usageRecorder({
  write,
  now,
}: {
  write: (batch: UsageBatch) => Promise<void>
  /** Milliseconds since the epoch. */
  now: () => number
}): UsageRecorder {
  // Keyed by the principal object, which is unique for a key while it is cached: counting compares no strings.
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

  const deny: OnHandlerDenial = (key, organizationId, address) => {
    const instant = now()
    count(key, organizationId, 'denied', address, instant)
    const counts = tallies.get(key)?.counts.get(organizationId)
    // Negative if the allowed count is written already: the database adds the two. Skipped if that count may belong to
    // the previous hour.
    if (counts && (counts.allowed > 0 || instant > hour + LONGEST_REQUEST_MS)) counts.allowed -= 1
  }

  /** Moves the counts of the current hour to the batch that waits to be written. */
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
      // Flushes run one after the other: counts made during one are written by the next.
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

/** Merges two batches. A statement must not touch a row twice: one row per secret, and per key, organization and hour. */
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
