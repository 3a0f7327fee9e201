import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work` to completion despite signals, and ends the process then. For moments in which the only copy of something
 * is in memory, such as a new refresh token. A second signal ends the process at once.
 */
export async function runUninterrupted<T>(work: () => Promise<T>): Promise<T> {
  let received: NodeJS.Signals | undefined
  const note = (signal: NodeJS.Signals) => {
    if (received !== undefined) process.exit(128 + constants.signals[signal])
    received = signal
  }
  // Other listeners end the process, such as a spinner's, which restores the cursor.
  const others = SIGNALS.map((signal) => [signal, process.rawListeners(signal)] as const)
  for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, note)
  try {
    return await work()
  } finally {
    for (const [signal, listeners] of others) {
      process.off(signal, note)
      // They were registered for the same event.
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener)
    }
    if (received !== undefined) process.kill(process.pid, received)
  }
}
