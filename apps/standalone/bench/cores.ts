import { execFileSync } from 'node:child_process'

export interface Cores {
  /** The one that the measured server has to itself. */
  readonly server: string
  /** Those of the load generator, PostgreSQL and everything else. */
  readonly others: string
}

/**
 * Moves this process, and so what it will start, away from one core, which is left to the measured server. `undefined`
 * where that cannot be done: then server and load take time from each other, and the ratios come out closer to 1.
 */
export function claimCores(): Cores | undefined {
  try {
    const [server, ...others] = allowedCores()
    if (server === undefined || others.length === 0) return undefined
    const cores = { server: String(server), others: others.join(',') }
    taskset(['-a', '-p', '-c', cores.others, String(process.pid)])
    return cores
  } catch {
    return undefined // no taskset: another system than Linux
  }
}

/** The command line that runs `command` on the server's core. */
export const onServerCore = (cores: Cores | undefined, command: readonly string[]): readonly string[] =>
  cores ? ['taskset', '-c', cores.server, ...command] : command

function allowedCores(): number[] {
  const list = taskset(['-p', '-c', String(process.pid)]).split(': ')[1] ?? ''
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

const taskset = (args: readonly string[]): string => execFileSync('taskset', args, { encoding: 'utf8' })
