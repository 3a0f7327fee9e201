/** A time span as it is typed. An empty amount stands for the default. */
export interface DurationDraft {
  readonly amount: string
  readonly unit: DurationUnit
}

export type DurationUnit = 'seconds' | 'minutes' | 'hours' | 'days'

const SECONDS: Readonly<Record<DurationUnit, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 }
const LARGEST_FIRST = ['days', 'hours', 'minutes', 'seconds'] as const

/** Returns the draft for a number of seconds, in the largest unit of which it is a whole number. */
export function durationOf(seconds: number | null, unitIfEmpty: DurationUnit = 'days'): DurationDraft {
  if (seconds === null) return { amount: '', unit: unitIfEmpty }
  const unit = LARGEST_FIRST.find((one) => seconds > 0 && seconds % SECONDS[one] === 0) ?? 'seconds'
  return { amount: String(seconds / SECONDS[unit]), unit }
}

/** Returns the seconds of a draft: null for the default, undefined if the amount is no whole number. */
export function secondsOf({ amount, unit }: DurationDraft): number | null | undefined {
  const text = amount.trim()
  if (text === '') return null
  return /^\d{1,9}$/.test(text) ? Number(text) * SECONDS[unit] : undefined
}

const MAX_SECONDS = 400 * SECONDS.days

/** Finds what the API would refuse of a time span. */
export function findDurationProblem(draft: DurationDraft, minSeconds: number): string | undefined {
  const seconds = secondsOf(draft)
  if (seconds === undefined) return 'Enter a whole number.'
  if (seconds === null) return undefined
  if (seconds < minSeconds) return `Enter at least ${minSeconds} seconds.`
  return seconds > MAX_SECONDS ? 'Enter at most 400 days.' : undefined
}
