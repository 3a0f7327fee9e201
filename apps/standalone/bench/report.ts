import { type Comparison, quantile } from './paired.ts'

/** One line of the report. */
export interface Finding {
  readonly name: string
  /** Sorted. */
  readonly values: readonly number[]
  readonly unit?: string
  readonly target: { readonly atLeast: number } | { readonly atMost: number }
  readonly note: string
}

/** Formats the median with its quartiles, the target, and whether it is met. */
export function describe({ name, values, unit = '', target, note }: Finding): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q))
  if (low === undefined || middle === undefined || high === undefined || Number.isNaN(middle)) {
    return `${name.padEnd(24)} not measurable here`
  }
  const digits = unit === '' ? 2 : 0
  const [wanted, isMet] =
    'atLeast' in target
      ? [`≥ ${target.atLeast}`, middle >= target.atLeast]
      : [`≤ ${target.atMost}`, middle <= target.atMost]
  const range = `${middle.toFixed(digits)}${unit} (${low.toFixed(digits)}–${high.toFixed(digits)})`
  return (
    `${name.padEnd(24)} ${range.padEnd(20)} ${wanted}${unit}`.padEnd(56) + `${isMet ? 'ok' : 'BELOW'}`.padEnd(7) + note
  )
}

/** Formats the rates and processor times behind the ratios of a comparison. */
export function formatNote({ rates, cpuRatio, busy }: Comparison): string {
  const rate = (perSecond: number) => Math.round(perSecond).toLocaleString('en')
  const cpu = Number.isNaN(busy)
    ? ''
    : `, by processor time ${cpuRatio.toFixed(2)}, server core ${(busy * 100).toFixed(0)} % full`
  return `${rate(rates.measured)}/s of ${rate(rates.bare)}/s${cpu}`
}
