/** The members of `node:test` events that the report reads. */
export interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly file?: string | undefined
    readonly message?: string
    readonly duration_ms?: number
    readonly details?: { readonly duration_ms?: number }
    readonly counts?: Readonly<Record<string, number>>
    readonly success?: boolean
  }
}

/** What one process ran. */
export interface ProcessRun {
  /** A part's directory and an isolated file in it; absent if the process ran shared files, each of which is a test. */
  readonly file: string | undefined
  readonly events: AsyncIterable<TestEvent>
}

const SHOWN = 10
const TOTALS = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/
const isResult = ({ type }: TestEvent) => type === 'test:pass' || type === 'test:fail'

/** Merges the events of all processes, shown file by file, and finds files that ran no test. */
export class Report {
  readonly #files: ReadonlySet<string>
  readonly #show: (event: TestEvent) => void
  readonly #durations = new Map<string, number>()
  readonly #withTests = new Set<string>()
  readonly #counts: Record<string, number> = {}
  #failed = false

  constructor(files: Iterable<string>, show: (event: TestEvent) => void) {
    this.#files = new Set(files)
    this.#show = show
  }

  async add({ file, events }: ProcessRun): Promise<void> {
    let pending: TestEvent[] = []
    let tests = 0
    const flush = () => {
      for (const event of pending) this.#show(event)
      pending = []
    }
    for await (const event of events) {
      const { type, data } = event
      if (type === 'test:summary') {
        this.#summarize(data, file)
        continue
      }
      // Every process prints its own totals.
      if (type === 'test:diagnostic' && TOTALS.test(data.message ?? '')) continue
      pending.push(event)
      if (!isResult(event)) continue
      // Node reports a file without tests as a test of its name.
      if (data.nesting !== 0 || (file !== undefined && !file.endsWith(`/${data.name}`))) tests += 1
      if (data.nesting !== 0) continue
      if (file === undefined && data.name !== undefined && this.#files.has(data.name)) {
        this.#durations.set(data.name, data.details?.duration_ms ?? 0)
        if (tests > 0) this.#withTests.add(data.name)
        tests = 0
      }
      flush()
    }
    if (file !== undefined && tests > 0) this.#withTests.add(file)
    flush()
  }

  #summarize({ file: ofFile, duration_ms = 0, success, counts = {} }: TestEvent['data'], file: string | undefined) {
    // One summary per file that Node started, and one for the process that started it.
    if (ofFile !== undefined) {
      if (file !== undefined) this.#durations.set(file, duration_ms)
      return
    }
    if (success !== true) this.#failed = true
    for (const [name, count] of Object.entries(counts)) this.#counts[name] = (this.#counts[name] ?? 0) + count
  }

  /** Whether all tests passed, and which of the files ran no test. */
  result(): { readonly isSuccess: boolean; readonly withoutTests: readonly string[] } {
    const withoutTests = [...this.#files].filter((file) => !this.#withTests.has(file))
    return { isSuccess: !this.#failed && withoutTests.length === 0, withoutTests }
  }

  /**
   * The lines after the last test: the slowest files and the parts, each in descending order of time, and the number of tests.
   * Files run at the same time, so the sum is longer than the run.
   */
  lines(): string[] {
    const { tests = 0, passed = 0, failed = 0, cancelled = 0, skipped = 0, todo = 0 } = this.#counts
    const parts = this.#durationsOfParts()
    return [
      ...section('Slowest files:', [...this.#durations].toSorted(byDuration).slice(0, SHOWN)),
      ...(parts.length > 1 ? section('Sum of the files of each part:', parts) : []),
      `${tests} tests: ${passed} passed, ${failed + cancelled} failed, ${skipped} skipped, ${todo} to do`,
    ]
  }

  #durationsOfParts(): Duration[] {
    const sums = new Map<string, number>()
    for (const [file, ms] of this.#durations) {
      const part = file.split('/').slice(0, 2).join('/')
      sums.set(part, (sums.get(part) ?? 0) + ms)
    }
    return [...sums].toSorted(byDuration)
  }
}

type Duration = readonly [name: string, ms: number]

const byDuration = ([, a]: Duration, [, b]: Duration) => b - a

function section(title: string, durations: readonly Duration[]): string[] {
  if (durations.length === 0) return []
  return [title, ...durations.map(([name, ms]) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`)]
}
