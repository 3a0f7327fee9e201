import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 5

export type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

/**
 * Calls `condition` every few milliseconds and resolves with its first truthy result. An error counts as "not yet". Rejects
 * after `deadlineMs`, with the last error as the cause.
 */
export async function waitFor<T>(condition: () => T | Promise<T>, deadlineMs = 5_000): Promise<Truthy<T>> {
  const end = performance.now() + deadlineMs
  let cause: unknown
  do {
    try {
      const answer = await condition()
      // The compiler does not narrow a generic type by truthiness.
      if (answer) return answer as Truthy<T>
      cause = undefined
    } catch (error) {
      cause = error
    }
    await delay(POLL_MS)
  } while (performance.now() < end)
  throw new Error(`condition not met within ${deadlineMs} ms: ${condition.toString()}`, { cause })
}
