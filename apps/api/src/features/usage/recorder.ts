import type { DecidedRoute, KnownKey, OnDecision, OnDenial } from '@daytona-auth/auth'
import type { HourOfUse, SecretUse } from '@daytona-auth/db/api-keys'
import type { OrganizationId } from '@daytona-auth/db/core'
import type { OnHandlerDenial } from '../../http/handler-denials.ts'

const HOUR_MS = 60 * 60 * 1000

const LONGEST_REQUEST_MS = 60_000

/** Reasons of denials that are counted apart, for each key, organization and flush. Further ones are counted as `other`. */
const MAX_REASONS = 16
const OTHER_REASON = 'other'

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
  /** Keeps the reason of the last denial, which is counted before. */
  readonly explain: OnDenial
  /** Writes the counts. A batch that fails is kept for the next flush. */
  flush(): Promise<void>
}

interface Tally {
  /** Milliseconds since the epoch; 0 for none. */
  usedAt: number
  address: string
  route: DecidedRoute | undefined
  /** Milliseconds since the epoch; 0 for none. */
  deniedAt: number
  deniedAddress: string
  reason: string | null
  readonly counts: Map<OrganizationId, Counts>
  /** The entry of `counts` used last: nearly every key is used in one organization at a time. */
  latest: { readonly organizationId: OrganizationId; readonly counts: Counts }
}

interface Counts {
  allowed: number
  denied: number
  /** The denied ones by their reason. Undefined without any. */
  reasons: Map<string, number> | undefined
}

const noCounts = (): Counts => ({ allowed: 0, denied: 0, reasons: undefined })

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

  const count: OnDecision = (key, organizationId, verdict, address, instant, route) => {
    if (instant >= hour + HOUR_MS) settle(hourOf(instant))
    let tally = tallies.get(key)
    if (tally === undefined) {
      if (tallies.size >= MAX_KEYS) return
      const counts = noCounts()
      tally = {
        usedAt: 0,
        address: '',
        route: undefined,
        deniedAt: 0,
        deniedAddress: '',
        reason: null,
        counts: new Map([[organizationId, counts]]),
        latest: { organizationId, counts },
      }
      tallies.set(key, tally)
    }
    if (tally.latest.organizationId !== organizationId) {
      const counts = tally.counts.get(organizationId) ?? noCounts()
      tally.counts.set(organizationId, counts)
      tally.latest = { organizationId, counts }
    }
    tally.latest.counts[verdict] += 1
    if (verdict === 'denied') {
      tally.deniedAt = instant
      tally.deniedAddress = address
      return
    }
    tally.usedAt = instant
    tally.address = address
    tally.route = route
  }

  const deny: OnHandlerDenial = (key, organizationId, address, route) => {
    const instant = now()
    count(key, organizationId, 'denied', address, instant, route)
    const counts = tallies.get(key)?.counts.get(organizationId)
    // Negative if the allowed count is written already: the database adds the two. Skipped if that count may belong to
    // the previous hour.
    if (counts && (counts.allowed > 0 || instant > hour + LONGEST_REQUEST_MS)) counts.allowed -= 1
  }

  const explain: OnDenial = (key, organizationId, { cause }) => {
    const tally = tallies.get(key)
    if (!tally) return
    tally.reason = typeof cause === 'string' ? cause : null
    const counts = tally.counts.get(organizationId)
    if (!counts) return
    counts.reasons ??= new Map()
    addReason(counts.reasons, tally.reason ?? OTHER_REASON, 1)
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
    explain,
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
  for (const [{ keyId, secretDigest }, tally] of tallies) {
    const { usedAt, address, route, deniedAt, deniedAddress, reason } = tally
    uses.push({
      digest: secretDigest,
      used: usedAt > 0 ? { at: new Date(usedAt), ip: address, route: nameOf(route) } : null,
      denied: deniedAt > 0 ? { at: new Date(deniedAt), ip: deniedAddress, reason } : null,
    })
    for (const [organizationId, { allowed, denied, reasons }] of tally.counts) {
      const deniedBy = Object.fromEntries(reasons ?? [])
      hours.push({ keyId, organizationId, hour: new Date(hour), allowed, denied, deniedBy })
    }
  }
  return { uses, hours }
}

/** Merges two batches. A statement must not touch a row twice: one row per secret, and per key, organization and hour. */
function merge(earlier: UsageBatch, later: UsageBatch): UsageBatch {
  const uses = new Map<string, SecretUse>()
  for (const use of [...earlier.uses, ...later.uses]) {
    const name = Buffer.from(use.digest).toString('latin1')
    const before = uses.get(name)
    const merged = before && { used: laterOf(before.used, use.used), denied: laterOf(before.denied, use.denied) }
    uses.set(name, { ...use, ...merged })
  }
  const hours = new Map<string, HourOfUse>()
  for (const one of [...earlier.hours, ...later.hours]) {
    const name = `${one.keyId} ${one.organizationId} ${one.hour.getTime()}`
    const before = hours.get(name)
    hours.set(name, before ? sumOf(before, one) : one)
  }
  return { uses: [...uses.values()], hours: [...hours.values()] }
}

function sumOf(one: HourOfUse, other: HourOfUse): HourOfUse {
  const deniedBy = new Map(Object.entries(one.deniedBy))
  for (const [reason, count] of Object.entries(other.deniedBy)) addReason(deniedBy, reason, count)
  return {
    ...one,
    allowed: one.allowed + other.allowed,
    denied: one.denied + other.denied,
    deniedBy: Object.fromEntries(deniedBy),
  }
}

function addReason(reasons: Map<string, number>, reason: string, count: number): void {
  const name = reasons.has(reason) || reasons.size < MAX_REASONS ? reason : OTHER_REASON
  reasons.set(name, (reasons.get(name) ?? 0) + count)
}

/** The route as people write it, such as `GET /sandbox`. */
const nameOf = (route: DecidedRoute | undefined): string | null =>
  route === undefined ? null : `${[route.method].flat()[0]} ${route.url}`

function laterOf<Use extends { readonly at: Date }>(one: Use | null, other: Use | null): Use | null {
  if (one === null || other === null) return one ?? other
  return other.at >= one.at ? other : one
}
