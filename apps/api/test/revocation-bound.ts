import assert from 'node:assert/strict'
import { waitFor } from '@daytona-auth/testing'

/** The published bound: how long a change may have no effect in another process, in milliseconds. */
export const BOUND_MS = 3000

/**
 * Sends requests until one is refused, and asserts that no accepted one was sent later than the bound after `since`. When a
 * request was sent counts, not when it was answered: that depends on the machine.
 */
export async function refusesWithinBound(since: number, isRefused: () => Promise<boolean>): Promise<void> {
  let lastAcceptedMs = Number.NEGATIVE_INFINITY
  await waitFor(async () => {
    const askedMs = performance.now() - since
    if (await isRefused()) return true
    lastAcceptedMs = askedMs
    return false
  })
  assert.ok(lastAcceptedMs <= BOUND_MS, `accepted ${lastAcceptedMs} ms after the change`)
}
