/** Long end-to-end tests (images, partitions, SIGKILL loops), which have their own command. */
const SLOW = /\.slow\.test\.ts$/

/** Tests that change their process, such as its environment or its signal handlers. Slow ones have their own anyway. */
const ISOLATED = /\.(?:isolated|slow)\.test\.ts$/

export interface Selection {
  /** Files that share a process. Sorted, so that each run has the same order. */
  readonly shared: readonly string[]
  /** Files that each have a process of their own. */
  readonly isolated: readonly string[]
}

export interface CommandLine {
  /** Whether the tests of all parts run, instead of those of the part in the working directory. */
  readonly isForAllParts: boolean
  readonly isSlow: boolean
  readonly hasDatabase: boolean
  /** Files that were named. */
  readonly named: readonly string[]
  /** Options of Node, such as `--test-name-pattern`. */
  readonly nodeArguments: readonly string[]
}

export function parseCommandLine(given: readonly string[]): CommandLine {
  const options = new Set(given.filter((each) => each.startsWith('--')))
  return {
    isForAllParts: options.delete('--all'),
    isSlow: options.delete('--slow'),
    hasDatabase: !options.delete('--without-database'),
    named: given.filter((each) => !each.startsWith('--')),
    nodeArguments: [...options],
  }
}

const TEST_FILTER = /^--test-(?:name-pattern|skip-pattern|only)\b/

/**
 * Lists the arguments of Node for a test process. With a filter of tests, the process ends after its last test: a suite without
 * a selected test runs its body, which may open a terminal or a browser, and none of its hooks, which would close it.
 */
export const listNodeArguments = ({ nodeArguments }: CommandLine): readonly string[] =>
  nodeArguments.some((each) => TEST_FILTER.test(each)) ? [...nodeArguments, '--test-force-exit'] : nodeArguments

/**
 * Selects the test files of a part to run. Named files always run, each in its own process, and so does every file if Node is
 * given options: they are about the tests at the top of a file.
 */
export function selectFiles({ isSlow, named, nodeArguments }: CommandLine, all: readonly string[]): Selection {
  const files = (named.length > 0 ? named : all.filter((file) => SLOW.test(file) === isSlow)).toSorted()
  if (named.length > 0 || nodeArguments.length > 0) return { shared: [], isolated: files }
  return {
    shared: files.filter((file) => !ISOLATED.test(file)),
    isolated: files.filter((file) => ISOLATED.test(file)),
  }
}
