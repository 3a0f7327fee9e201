/** A process to run: one isolated file, or a share of the files of a part that share a process. */
export interface Work<Part> {
  readonly part: Part
  /** Absent for a process that runs shared files until none is left. */
  readonly file?: string
}

export interface PartWork {
  readonly isolated: readonly string[]
  readonly shared: readonly string[]
  /** How many shared files no process has begun. */
  remaining(): number
}

/** A second process of a part starts only for this many files, because each start costs about a second. */
const MIN_FILES = 3

/**
 * Runs all work of `parts`, `slots` processes at a time. A part's shared files run in one process, and in a new one if that
 * ended with files left; once every part has begun, free slots help the part that has the most files left.
 */
export async function runAll<Part extends PartWork>(
  parts: readonly Part[],
  slots: number,
  start: (work: Work<Part>) => Promise<void>,
): Promise<void> {
  // The part with the most files last: all slots share its files, so that they end together. An isolated file cannot be shared.
  const sorted = parts.toSorted((a, b) => a.shared.length - b.shared.length)
  const queue: Work<Part>[] = [
    ...sorted.flatMap((part) => part.isolated.map((file) => ({ part, file }))),
    ...sorted.filter(({ shared }) => shared.length > 0).map((part) => ({ part })),
  ]
  // Parts of which a process began no file: the run was interrupted, or the process cannot start.
  const stuck = new Set<Part>()
  const next = () => {
    const work = queue.shift()
    if (work) return work
    const [longest] = parts.filter((part) => !stuck.has(part)).toSorted((a, b) => b.remaining() - a.remaining())
    return longest && longest.remaining() >= MIN_FILES ? { part: longest } : undefined
  }
  const slot = async () => {
    for (let work = next(); work; work = next()) {
      const { part, file } = work
      const before = part.remaining()
      await start(work)
      if (file !== undefined || part.remaining() === 0) continue
      // A process ends early when it has used much memory, or when a test ends it.
      if (part.remaining() < before) queue.unshift({ part })
      else stuck.add(part)
    }
  }
  await Promise.all(Array.from({ length: slots }, slot))
}
