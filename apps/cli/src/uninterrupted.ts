import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Does `work` to its end although somebody asks us to stop, and stops then. For the moments in which something exists
 * that is not kept yet, such as a refresh token: the one before it is used up. Who asks twice is obeyed at once.
 */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  let asked: NodeJS.Signals | undefined
  const note = (signal: NodeJS.Signals) => {
    if (asked !== undefined) process.exit(128 + constants.signals[signal])
    asked = signal
  }
  // Others would end the process when they hear of it: a spinner does, to show the cursor again.
  const others = SIGNALS.map((signal) => [signal, process.rawListeners(signal)] as const)
  for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, note)
  try {
    return await work()
  } finally {
    for (const [signal, listeners] of others) {
      process.off(signal, note)
      // They were listeners of this very event.
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener)
    }
    if (asked !== undefined) process.kill(process.pid, asked)
  }
}
