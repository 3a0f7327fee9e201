import { Readable } from 'node:stream'
import { captureLog } from '@daytona-auth/testing'
import type { Host } from '../src/host.ts'
import { run } from '../src/run.ts'

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command in this process. */
export async function daytonaAuth(
  argv: readonly string[],
  {
    env = {},
    input = '',
    isTerminal = false,
  }: { env?: Host['env']; input?: string | Uint8Array; isTerminal?: boolean } = {},
): Promise<Ended> {
  const [stdout, stderr] = [captureLog(), captureLog()]
  const stdin = Object.assign(Readable.from([input]), { isTTY: isTerminal })
  const host: Host = { stdin, stdout: stdout.stream, stderr: stderr.stream, env }
  await run(argv, host)
  return { exitCode: Number(host.exitCode), stdout: stdout.text(), stderr: stderr.text() }
}
