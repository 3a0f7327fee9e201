import { execFileSync } from 'node:child_process'

export interface Cores {
  /** The core of the measured server only. */
  readonly server: string
  /** The cores of the load generator, PostgreSQL and everything else. */
  readonly others: string
}

/**
 * Moves this process and its later child processes away from one core, which the measured server gets. Returns
 * `undefined` where that is impossible: then server and load share cores, and the ratios are closer to 1.
 */
export function claimCores(): Cores | undefined {
  try {
    const [server, ...others] = allowedCores()
    if (server === undefined || others.length === 0) return undefined
    const cores = { server: String(server), others: others.join(',') }
    taskset(['-a', '-p', '-c', cores.others, String(process.pid)])
    return cores
  } catch {
    return undefined // no taskset: not Linux
  }
}

/** Prefixes `command` so that it runs on the server's core. */
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
