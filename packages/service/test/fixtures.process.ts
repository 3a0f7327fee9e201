import { setTimeout } from 'node:timers/promises'
import { createLogger } from '../src/observability/logger.ts'
import { runUntilSignal } from '../src/process/process.ts'

// The process that process.test.ts starts and signals. The first argument selects its behaviour.
const how = process.argv[2]
const say = (text: string) => process.stdout.write(`${text}\n`)

await runUntilSignal(
  async (running) => {
    if (how === 'mute-start-fails')
      throw Object.assign(new Error('x'), { syscall: 'listen', code: 'EADDRINUSE', port: 80 })
    running.logger = createLogger({ service: 'test' })
    running.closers.defer(() => void say('closed first'))
    if (how === 'start-fails') throw new Error('connect to postgres://me:correct-horse@db failed')
    if (how === 'start-waits') {
      say('waiting')
      await setTimeout(60_000, undefined, { signal: running.stopping })
    }
    running.closers.defer(async () => {
      if (how === 'close-fails') throw new Error('cannot close')
      if (how === 'close-hangs' || how === 'twice-hangs') await new Promise(() => setInterval(() => {}, 1000))
      say('closed second')
    })
    if (how === 'fault') setImmediate(() => Promise.reject(new Error('uncaught rejection')))
    // Keeps the process running, as a listening server would.
    const timer = setInterval(() => {}, 1000)
    running.closers.defer(() => clearInterval(timer))
    say('ready')
    if (how === 'start-hangs') await new Promise<never>(() => {})
  },
  {
    // Not a matter of how fast the two signals arrive.
    sameSignalMs: how === 'twice-hangs' ? 0 : 60_000,
    deadlineMs: how === 'close-hangs' || how === 'start-hangs' ? 100 : 5000,
  },
)
