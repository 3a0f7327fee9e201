import { describeStartupError } from '@daytona-auth/service'
import { CommanderError } from 'commander'
import { EXIT, type Host } from './host.ts'
import { NegativeResult } from './negative-result.ts'
import { ReaderGone } from './output.ts'
import { programFor } from './program.ts'

/** Runs one command and sets the exit code of `host`. Never throws: a failure is one line on standard error. */
export async function run(argv: readonly string[], host: Host): Promise<void> {
  try {
    await programFor(host).parseAsync(argv, { from: 'user' })
    host.exitCode ??= EXIT.done
  } catch (error) {
    // Commander has printed it already. Code 0: help or version was requested.
    if (error instanceof CommanderError) {
      host.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.trouble
      return
    }
    if (error instanceof ReaderGone) {
      host.exitCode ??= EXIT.done
      return
    }
    const isDenied = error instanceof NegativeResult
    host.stderr.write(`${isDenied ? error.message : describeStartupError(error)}\n`)
    host.exitCode = isDenied ? EXIT.no : EXIT.trouble
  }
}
