import { after } from 'node:test'

/** Registers clean-up: the `t` of a test. */
export interface Scope {
  after(tidyUp: () => unknown): void
}

const tidyUps: (() => unknown)[] = []
let isManaged = false

/** The test file that runs at present: its clean-up runs after its last test. */
export const fileScope: Scope = { after: (tidyUp) => tidyUps.push(tidyUp) }

/** Runs the clean-up of the file in the order of registration, like `after` of `node:test`. */
export async function tidyUpFile(): Promise<void> {
  for (const tidyUp of tidyUps.splice(0)) await tidyUp()
}

/** Called by a process that runs several files, before it loads them: it calls `tidyUpFile` after each of them. */
export function manageFileScope(): void {
  isManaged = true
}

/** Called while a file loads its modules, because a hook that registers an `after` would only delay it to its own end. */
export function tidyUpAfterFile(): void {
  if (!isManaged) after(tidyUpFile)
}
