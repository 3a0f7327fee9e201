/** Long end-to-end tests (images, partitions, SIGKILL loops), which have their own command. */
const SLOW = /\.slow\.test\.ts$/

export interface Selection {
  /** Sorted, so that each run has the same order. */
  readonly files: readonly string[]
  /** Whether the run needs PostgreSQL. */
  readonly hasDatabase: boolean
  /** Options of `node --test`. */
  readonly nodeArguments: readonly string[]
}

/** Selects the test files of a part to run. Named files always run. */
export function selectFiles(commandLine: readonly string[], all: readonly string[]): Selection {
  const named = commandLine.filter((each) => !each.startsWith('--'))
  const options = new Set(commandLine.filter((each) => each.startsWith('--')))
  const isSlow = options.delete('--slow')
  const hasDatabase = !options.delete('--without-database')
  const files = named.length > 0 ? named : all.filter((file) => SLOW.test(file) === isSlow)
  return { files: files.toSorted(), hasDatabase, nodeArguments: [...options] }
}
