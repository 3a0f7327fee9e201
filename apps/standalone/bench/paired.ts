import type { Child } from './child.ts'
import type { Slot } from './load.ts'

/** One of the two that are compared. */
export interface Side {
  readonly child: Child
  /** Gathers what a slot needs before the clock starts, and returns the slot. */
  prepare(): Promise<() => Promise<Slot>>
}

export interface Comparison {
  /** Requests per second of the one as a share of the other's: one ratio for each pair of slots, sorted. */
  readonly ratios: readonly number[]
  /** The same by processor time, each side at its least disturbed: what would be left on a machine without neighbours. */
  readonly cpuRatio: number
  /** Requests per second, the median of all slots. */
  readonly rates: { readonly measured: number; readonly bare: number }
  /** How full the server's core was, 0 to 1: well below 1, it was not the server that was measured. */
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
 * Lets the two work in turn, in short slots: whatever else slows the machine down for a while slows down both of a pair.
 * Every other pair is turned round, so that neither side always comes second.
 */
export async function inPairs(measured: Side, bare: Side, count: number): Promise<Pair[]> {
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

/** By linear interpolation between the two nearest of `values`, which are sorted. */
export function quantile(values: readonly number[], q: number): number {
  const position = (values.length - 1) * q
  const below = values[Math.floor(position)] ?? Number.NaN
  const above = values[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position % 1)
}

export const sorted = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right)
