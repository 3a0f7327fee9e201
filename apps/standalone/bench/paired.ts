import type { Child } from './child.ts'
import type { Slot } from './load.ts'

/** One of the two compared servers. */
export interface Side {
  readonly child: Child
  /** Prepares a slot before the clock starts, and returns the slot. */
  prepare(): Promise<() => Promise<Slot>>
}

export interface Comparison {
  /** Requests per second of the measured side divided by those of the bare one: a ratio for each pair, sorted. */
  readonly ratios: readonly number[]
  /** The same by processor time, each side at its least disturbed tenth: the ratio on an otherwise idle machine. */
  readonly cpuRatio: number
  /** Requests per second, the median of all slots. */
  readonly rates: { readonly measured: number; readonly bare: number }
  /** Utilization of the server's core, 0 to 1: well below 1, something other than the server was the limit. */
  readonly busy: number
}

interface Observation {
  readonly rate: number
  readonly cpuMsPerRequest: number
  readonly busy: number
}

export interface Pair {
  readonly measured: Observation
  readonly bare: Observation
}

/**
 * Runs the two alternately in short slots, so temporary load of the machine slows both of a pair down. Every other pair
 * is reversed, so neither side always comes second.
 */
export async function measureInPairs(measured: Side, bare: Side, count: number): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let index = 0; index < count; index += 1) {
    const slots = { measured: await measured.prepare(), bare: await bare.prepare() }
    if (index % 2 === 0) {
      const first = await observe(bare.child, slots.bare)
      pairs.push({ bare: first, measured: await observe(measured.child, slots.measured) })
    } else {
      const first = await observe(measured.child, slots.measured)
      pairs.push({ measured: first, bare: await observe(bare.child, slots.bare) })
    }
  }
  return pairs
}

export function compare(pairs: readonly Pair[]): Comparison {
  const all = (side: keyof Pair, member: keyof Observation) => sorted(pairs.map((pair) => pair[side][member]))
  return {
    ratios: sorted(pairs.map(({ measured, bare }) => measured.rate / bare.rate)),
    cpuRatio: quantile(all('bare', 'cpuMsPerRequest'), 0.1) / quantile(all('measured', 'cpuMsPerRequest'), 0.1),
    rates: { measured: quantile(all('measured', 'rate'), 0.5), bare: quantile(all('bare', 'rate'), 0.5) },
    busy: quantile(all('measured', 'busy'), 0.5),
  }
}

async function observe(child: Child, slot: () => Promise<Slot>): Promise<Observation> {
  const before = child.cpuMs()
  const { requests, elapsedMs } = await slot()
  const cpuMs = child.cpuMs() - before
  return { rate: (requests / elapsedMs) * 1000, cpuMsPerRequest: cpuMs / requests, busy: cpuMs / elapsedMs }
}

/** Interpolates linearly between the two nearest of the sorted `values`. */
export function quantile(values: readonly number[], q: number): number {
  const position = (values.length - 1) * q
  const below = values[Math.floor(position)] ?? Number.NaN
  const above = values[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position % 1)
}

export const sorted = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right)
