import { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import pTimeout from 'p-timeout'
import type { AccountSentence } from './language/german.ts'
import type { StrengthRequest } from './password-strength.ts'
import { knownWordsOf, type PasswordOwner, passwordFormProblem } from './passwords.ts'

/** Thrown if too many passwords wait for their check, or if one takes longer than its timeout. */
export class PasswordCheckOverloaded extends Error {
  override readonly name = 'PasswordCheckOverloaded'
}

export interface PasswordChecker {
  /** Starts the worker if it does not run, so that the next check does not wait for it. After a failure, that check starts it. */
  prepare(): void
  /**
   * Returns why `password` may not be chosen, as shown to the person; undefined if it may.
   * @throws PasswordCheckOverloaded if the check was not made: the password must not be accepted
   */
  problemOf(password: string, owner: PasswordOwner): Promise<AccountSentence | undefined>
  /** Terminates the worker. Waiting checks fail. */
  close(): Promise<void>
}

export interface PasswordCheckerOptions {
  /** The most checks that wait for the worker. */
  readonly maxQueued?: number
  /** How long one estimate may take, in milliseconds. */
  readonly timeoutMs?: number
}

/**
 * The characters of a password that are estimated. The time grows faster than the length, and common patterns show within
 * them. 40 characters take 50 to 850 ms for ordinary passwords.
 */
const ESTIMATED_CHARACTERS = 40

/** Of 4. Below 2, a million guesses suffice: a list of common passwords and their usual variations. */
const MIN_SCORE = 2

const WORKER_MEMORY_MB = 256

const GUESSABLE = 'This password is too easy to guess. A few unrelated words work well.'

/**
 * Checks passwords that people choose (NIST SP 800-63B §5.1.1.2): long enough, and not common, expected or the person's
 * own name or address. The estimate runs in a worker thread, one at a time, with bounds on its input, its queue and its
 * time: on the event loop, one sign-up would block every other request of the process. `prepare` or the first check starts
 * the worker, which does not keep the process running.
 */
export function passwordChecker({ maxQueued = 100, timeoutMs = 5000 }: PasswordCheckerOptions = {}): PasswordChecker {
  const oneAtATime = pLimit(1)
  let started: Promise<Worker> | undefined
  let isClosed = false

  function getWorker(): Promise<Worker> {
    started ??= startWorker().catch((error: unknown) => {
      started = undefined
      throw error
    })
    return started
  }

  async function estimate(request: StrengthRequest): Promise<number> {
    if (isClosed) throw new PasswordCheckOverloaded('password checker is closed')
    const worker = await getWorker()
    worker.ref()
    try {
      worker.postMessage(request)
      return Number(await receiveMessage(worker, timeoutMs))
    } catch (error) {
      // The worker may be in the middle of an estimate, or have exited: the next check starts another one.
      started = undefined
      await worker.terminate()
      throw error
    } finally {
      worker.unref()
    }
  }

  return {
    prepare() {
      if (!isClosed) void getWorker().catch(() => {})
    },
    async problemOf(password, owner) {
      const problem = passwordFormProblem(password, owner)
      if (problem !== undefined) return problem
      if (oneAtATime.pendingCount >= maxQueued) throw new PasswordCheckOverloaded('queue is full')
      const characters = [...password.normalize('NFC')].slice(0, ESTIMATED_CHARACTERS).join('')
      const score = await oneAtATime(() => estimate({ password: characters, knownWords: knownWordsOf(owner) }))
      // `NaN` is refused too.
      return score >= MIN_SCORE ? undefined : GUESSABLE
    },
    async close() {
      isClosed = true
      await (await started?.catch(() => undefined))?.terminate()
    },
  }
}

/** Starts the thread and resolves when it has loaded its dictionaries. Its environment is empty, because ours has secrets. */
async function startWorker(): Promise<Worker> {
  // Next to this module in the bundle as well.
  const file = import.meta.url.endsWith('.ts') ? './password-worker.ts' : './password-worker.js'
  const worker = new Worker(new URL(file, import.meta.url), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MB },
  })
  await receiveMessage(worker)
  worker.unref()
  return worker
}

/** Returns the next message of the thread. @throws its error, or `PasswordCheckOverloaded` after `timeoutMs` */
async function receiveMessage(worker: Worker, timeoutMs = Number.POSITIVE_INFINITY): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const onExit = () => reject(new PasswordCheckOverloaded('worker ended'))
  worker.once('message', resolve).once('error', reject).once('exit', onExit)
  const late = new PasswordCheckOverloaded(`no estimate in ${timeoutMs} ms`)
  try {
    return await pTimeout(promise, { milliseconds: timeoutMs, message: late })
  } finally {
    worker.off('message', resolve).off('error', reject).off('exit', onExit)
  }
}
