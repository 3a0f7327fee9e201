import { describeStartupError } from '@daytona-auth/service'
import { CommanderError } from 'commander'
import { EXIT, type Host } from './host.ts'
import { ReaderGone } from './output.ts'
import { programFor } from './program.ts'
import { Refused } from './refused.ts'

/** Runs one command and leaves its exit code on `host`. Never throws: what went wrong is one line on standard error. */
export async function run(argv: readonly string[], host: Host): Promise<void> {
  try {
    await programFor(host).parseAsync(argv, { from: 'user' })
    host.exitCode ??= EXIT.done
  } catch (error) {
    // Commander has said it already; with 0 it was asked for, such as by --help.
    if (error instanceof CommanderError) {
      host.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.trouble
      return
    }
    if (error instanceof ReaderGone) {
      host.exitCode ??= EXIT.done
      return
    }
    const isNo = error instanceof Refused
    host.stderr.write(`${isNo ? error.message : describeStartupError(error)}\n`)
    host.exitCode = isNo ? EXIT.no : EXIT.trouble
  }
}
