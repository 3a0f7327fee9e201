import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { constants } from 'node:os'

/**
 * The runner loads this into each test process before anything else: the processes that tests started end with it. An
 * interrupted test runs no clean-up, and neither does a file that fails while it is loaded.
 */
const running = new Set<ChildProcess>()
subscribe('child_process', (message) => {
  const { process: child } = message as { readonly process: ChildProcess } // documented in Node's manual
  running.add(child)
  child.once('exit', () => running.delete(child))
})
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

// The default action of a signal ends a process without its `exit` event. Tests of signals have handlers of their own.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
  })
}
