import type { RotationPace, SigningKeyRow } from '@daytona-auth/db/signing-keys'

/** The state of a key and its next step. Instants are RFC 3339 in UTC. */
export interface KeyState {
  readonly kid: string
  readonly alg: string
  readonly status: SigningKeyRow['status']
  /** The start of the state. */
  readonly since: string
  /** When the next step is due: it signs, no longer signs, is no longer published. Null if no step is planned. */
  readonly until: string | null
  /** Whether that step is late. */
  readonly isOverdue: boolean
}

/** Running providers take a step shortly after it is due. A later one shows that no provider can take it. */
const LATE_SECONDS = 60

/** Returns the state and next step of each key, by the database's clock, which the providers use. */
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

/** Formats a key as one line. */
export function lineOf({ kid, alg, status, since, until, isOverdue }: KeyState): string {
  const [what, next] = WORDS[status]
  const nextStep = until === null ? '' : `, ${next} ${until}`
  return `${kid}  ${alg}  ${what} since ${since}${nextStep}${isOverdue ? ` (overdue: ${OVERDUE})` : ''}`
}

const OVERDUE = 'no provider runs, or none whose SIGNING_KEYS_SECRET opens every key'

const WORDS = {
  next: ['published', 'signs from'],
  active: ['signs', 'until'],
  retired: ['no longer signs', 'published until'],
} as const satisfies Record<SigningKeyRow['status'], readonly [string, string]>

/** Returns the start of a key's state. Each instant is written with its state. */
function sinceOf({ status, createdAt, activatedAt, retiredAt }: SigningKeyRow): Date {
  const since = { next: createdAt, active: activatedAt, retired: retiredAt }[status]
  return since ?? createdAt
}

/** Rounds up to the second: a step is never taken sooner. */
const after = (from: Date, seconds: number): string =>
  new Date(Math.ceil(from.getTime() / 1000 + seconds) * 1000).toISOString().replace('.000Z', 'Z')
