import { run } from '../src/run.ts'

/** The program in a shell, but for the time that a completion waits for the names of the server: on a slow machine it is empty. */
const NAMES_TIMEOUT_MS = 60_000

const { stdin, stdout, stderr, env } = process
const terminal = { stdin, stdout, stderr, env, now: Date.now, namesTimeoutMs: NAMES_TIMEOUT_MS }
process.exitCode = await run(process.argv.slice(2), terminal)
stdin.unref?.()
