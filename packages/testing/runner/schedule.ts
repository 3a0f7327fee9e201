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
  // The longest first, so that a small one fills the end.
  const queue: Work<Part>[] = parts
    .toSorted((a, b) => b.shared.length - a.shared.length)
    .flatMap((part) => [
      ...part.isolated.map((file) => ({ part, file })),
      ...(part.shared.length > 0 ? [{ part }] : []),
    ])
  const next = () => {
    const work = queue.shift()
    if (work) return work
    const [longest] = parts.toSorted((a, b) => b.remaining() - a.remaining())
    return longest && longest.remaining() >= MIN_FILES ? { part: longest } : undefined
  }
  const slot = async () => {
    for (let work = next(); work; work = next()) {
      await start(work)
      // A process that runs shared files ends early when it has used much memory.
      if (work.file === undefined && work.part.remaining() > 0) queue.unshift({ part: work.part })
    }
  }
  await Promise.all(Array.from({ length: slots }, slot))
}
