import { setTimeout as delay } from 'node:timers/promises'
import pTimeout from 'p-timeout'
import { databaseFault } from './database-fault.ts'
import { type Finding, lineOf } from './finding.ts'
import { StartupError } from './startup-error.ts'

export interface WaitOptions {
  /** How long transient errors are retried, in milliseconds. */
  readonly waitMs: number
  /** Receives each warning, and one line when a wait begins. */
  readonly warn: (line: string) => void
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}

const RETRY_MS = 250
/** The minimum timeout of one attempt. A server may accept a connection and never answer. */
const ANSWER_MS = 5000

/**
 * Resolves once `examine` finds no error in the database. Transient errors (no answer, a running migration) are retried
 * for `waitMs`, because containers start in any order. Other errors are thrown immediately.
 * @throws StartupError with one line that says what to do
 */
export async function waitForDatabase(
  examine: (attempt: number) => Promise<readonly Finding[]>,
  { waitMs, warn, signal, now = () => performance.now() }: WaitOptions,
): Promise<void> {
  const deadline = now() + waitMs
  for (let attempt = 0; ; attempt += 1) {
    const timeoutMs = Math.max(ANSWER_MS, deadline - now())
    const findings = await examineWithin(timeoutMs, () => examine(attempt), signal)
    const errors = findings.filter(({ severity }) => severity === 'error')
    if (errors.length === 0) {
      for (const finding of findings) if (finding.severity === 'warning') warn(lineOf(finding))
      return
    }
    const line = errors.map(lineOf).join('; ')
    if (!errors.every(({ mayPass }) => mayPass) || now() + RETRY_MS > deadline) throw new StartupError(line)
    if (attempt === 0) warn(`waiting, because this may be temporary: ${line}`)
    await delay(RETRY_MS, undefined, { signal })
  }
}

/** Returns the findings of `examine`. A database that does not answer is a finding as well. */
async function examineWithin(
  ms: number,
  examine: () => Promise<readonly Finding[]>,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const late = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
  try {
    signal?.throwIfAborted()
    return await pTimeout(examine(), { milliseconds: ms, message: late, ...(signal && { signal }) })
  } catch (error) {
    const fault = databaseFault(error)
    if (!fault || signal?.aborted) throw error
    return [fault]
  }
}
