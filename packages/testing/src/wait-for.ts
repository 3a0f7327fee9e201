import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 5

/** What takes 4 s here may take five times as long on a slow machine under load. A condition that is met costs no time. */
const DEADLINE_MS = 20_000

export type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

/**
 * Calls `condition` every few milliseconds and resolves with its first truthy result. An error counts as "not yet". Rejects
 * after `deadlineMs`, with the last error as the cause. The last call begins after that: a process that was not scheduled for
 * long has waited less than it seems.
 */
export async function waitFor<T>(condition: () => T | Promise<T>, deadlineMs = DEADLINE_MS): Promise<Truthy<T>> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const isLast = performance.now() >= end
    let cause: unknown
    try {
      const answer = await condition()
      // The compiler does not narrow a generic type by truthiness.
      if (answer) return answer as Truthy<T>
    } catch (error) {
      cause = error
    }
    if (isLast) throw new Error(`condition not met within ${deadlineMs} ms: ${condition.toString()}`, { cause })
    await delay(POLL_MS)
  }
}
