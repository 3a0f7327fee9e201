import { setTimeout as delay } from 'node:timers/promises'
import { type ChildOptions, startChild } from './child.ts'
import { sorted } from './paired.ts'
import type { Finding } from './report.ts'

export interface Startable extends ChildOptions {
  readonly file: string
}

/** Long enough for garbage collection after the start, and for timers to have run. */
const IDLE_MS = 5000

/** Starts the two alternately, and compares the times from the creation of the process to its first 200. */
export async function measureStart(api: Startable, bare: Startable, times: number): Promise<Finding[]> {
  const starts: { api: number; bare: number }[] = []
  await startOnce(api) // reads both from the disk
  await startOnce(bare)
  for (let count = 0; count < times; count += 1) starts.push({ bare: await startOnce(bare), api: await startOnce(api) })

  const median = (side: 'api' | 'bare') =>
    sorted(starts.map((start) => start[side]))[Math.floor(times / 2)] ?? Number.NaN
  return [
    {
      name: 'start to first 200',
      values: sorted(starts.map((start) => start.api / start.bare)),
      target: { atMost: 1.5 },
      note: `${median('api').toFixed(0)} ms, bare ${median('bare').toFixed(0)} ms`,
    },
    {
      name: 'resident when idle',
      values: [await residentWhenIdle(api)],
      unit: ' MiB',
      target: { atMost: 110 },
      note: `bare ${(await residentWhenIdle(bare)).toFixed(0)} MiB`,
    },
  ]
}

async function startOnce({ file, ...options }: Startable): Promise<number> {
  const child = await startChild(file, options)
  await child.stop()
  return child.startMs
}

async function residentWhenIdle({ file, ...options }: Startable): Promise<number> {
  const child = await startChild(file, options)
  try {
    await delay(IDLE_MS)
    return child.residentMiB()
  } finally {
    await child.stop()
  }
}
