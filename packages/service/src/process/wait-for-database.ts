import { setTimeout as delay } from 'node:timers/promises'
import { databaseFault } from './database-fault.ts'
import { type Finding, lineOf } from './finding.ts'
import { StartupError } from './startup-error.ts'

export interface PatienceOptions {
  /** How long what may pass by itself is waited for, in milliseconds. */
  readonly waitMs: number
  /** Told of each warning, and once of a wait. */
  readonly warn: (line: string) => void
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}

const RETRY_MS = 250
/** How long an answer is waited for at least: who accepts a connection may say nothing for ever. */
const ANSWER_MS = 5000

/**
 * Resolves once `examine` finds no error in the database. What may pass by itself (nobody answers, a
 * migration is under way) is asked again for `waitMs`, since containers start in any order; all else is told at once.
 * @throws StartupError with one line that says what to do
 */
export async function waitForDatabase(
  examine: (attempt: number) => Promise<readonly Finding[]>,
  { waitMs, warn, signal }: PatienceOptions,
): Promise<void> {
  const deadline = performance.now() + waitMs
  for (let attempt = 0; ; attempt += 1) {
    const patienceMs = Math.max(ANSWER_MS, deadline - performance.now())
    const findings = await answerWithin(patienceMs, () => examine(attempt), signal)
    const errors = findings.filter(({ severity }) => severity === 'error')
    if (errors.length === 0) {
      for (const finding of findings) if (finding.severity === 'warning') warn(lineOf(finding))
      return
    }
    const line = errors.map(lineOf).join('; ')
    if (!errors.every(({ mayPass }) => mayPass) || performance.now() + RETRY_MS > deadline) throw new StartupError(line)
    if (attempt === 0) warn(`waiting, for this may pass: ${line}`)
    await delay(RETRY_MS, undefined, { signal })
  }
}

/** What `examine` finds; that nobody answers is a finding too. */
async function answerWithin(
  ms: number,
  examine: () => Promise<readonly Finding[]>,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const { promise: interruption, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), ms)
  const stop = () => reject(signal?.reason)
  signal?.addEventListener('abort', stop)
  try {
    signal?.throwIfAborted()
    return await Promise.race([examine(), interruption])
  } catch (error) {
    const fault = databaseFault(error)
    if (!fault || signal?.aborted) throw error
    return [fault]
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}
