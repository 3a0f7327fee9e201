import type { RotationPace, SigningKeyRow } from '@daytona-auth/db'

/** A key as the operator sees it, and what becomes of it by itself. Instants are RFC 3339 in UTC. */
export interface KeyState {
  readonly kid: string
  readonly alg: string
  readonly status: SigningKeyRow['status']
  /** Since when it has been that. */
  readonly since: string
  /** When the step that ends that is due: signs, signs no more, is published no more; null where nothing is under way. */
  readonly until: string | null
  /** That step is late. */
  readonly isOverdue: boolean
}

/** Providers take a step within a moment of its time: one that is later than this has nobody to take it. */
const LATE_SECONDS = 60

/** What becomes of each key when, as the providers' clock, the database's, has it. */
export function keyStates(rows: readonly SigningKeyRow[], pace: RotationPace): KeyState[] {
  return rows.map((row) => {
    const { kid, alg, status } = row
    const successor = status === 'active' ? rows.find((other) => other.alg === alg && other.status === 'next') : row
    const seconds = status === 'retired' ? pace.removeAfterSeconds : pace.promoteAfterSeconds
    const due = successor && after(sinceOf(successor), seconds)
    return {
      kid,
      alg,
      status,
      since: after(sinceOf(row), 0),
      until: due ?? null,
      isOverdue: successor !== undefined && successor.ageSeconds > seconds + LATE_SECONDS,
    }
  })
}

/** One line for a person. */
export function lineOf({ kid, alg, status, since, until, isOverdue }: KeyState): string {
  const [what, next] = WORDS[status]
  const outlook = until === null ? '' : `, ${next} ${until}`
  return `${kid}  ${alg}  ${what} since ${since}${outlook}${isOverdue ? ` (overdue: ${OVERDUE})` : ''}`
}

const OVERDUE = 'no provider runs, or none whose SIGNING_KEYS_SECRET opens every key'

const WORDS = {
  next: ['published', 'signs from'],
  active: ['signs', 'until'],
  retired: ['signs no more', 'is published until'],
} as const satisfies Record<SigningKeyRow['status'], readonly [string, string]>

/** Which instant begins the state that a key is in; each is written with the state. */
function sinceOf({ status, createdAt, activatedAt, retiredAt }: SigningKeyRow): Date {
  const since = { next: createdAt, active: activatedAt, retired: retiredAt }[status]
  return since ?? createdAt
}

/** To the second, and not before it: a step is never taken sooner. */
const after = (from: Date, seconds: number): string =>
  new Date(Math.ceil(from.getTime() / 1000 + seconds) * 1000).toISOString().replace('.000Z', 'Z')
