/** Time and randomness, replaceable in tests. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** @throws the reason of `signal` when that is aborted */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 to less than 1. */
  random(): number
}

export const systemClock: Clock = {
  now: Date.now,
  random: Math.random,
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const wake = () => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      const abort = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
    })
  },
}
