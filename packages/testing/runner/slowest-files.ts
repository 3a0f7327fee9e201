import { relative } from 'node:path'

/** The members of `node:test` events that the reporter reads. */
export interface TestEvent {
  readonly type: string
  readonly data?: { readonly file?: string | undefined; readonly duration_ms?: number }
}

const SHOWN = 10

/** A reporter for `node --test` that prints the slowest files in descending order. */
export default async function* slowestFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const durations: { readonly file: string; readonly ms: number }[] = []
  for await (const { type, data } of events) {
    // One summary per file, and one without a file for the run.
    if (type === 'test:summary' && data?.file) durations.push({ file: data.file, ms: data.duration_ms ?? 0 })
  }
  const slowest = durations.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN)
  if (slowest.length === 0) return
  yield '\nSlowest files:\n'
  for (const { file, ms } of slowest)
    yield `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(process.cwd(), file)}\n`
}
