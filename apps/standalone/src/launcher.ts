import { readFileSync } from 'node:fs'

const POLL_MS = 200
/** npx, npm and pnpm, and the shells between them and us. */
const PACKAGE_MANAGER = /(?:^|[\s/])p?np[mx]\b/

/**
 * Calls `ended` once when one of the package manager's processes that started us is gone.
 *
 * npx and npm pass no SIGTERM on to what they run: `kill` on the process id that a script got for
 * `npx pnpm@12 start` would leave us behind, holding the port and the data. Of the processes above us only theirs
 * are watched, so that `nohup` and a service manager work as usual. A process without its parent is given another
 * at once, also while the dead one is still a zombie.
 *
 * @returns a function that ends the watch.
 */
export function whenLauncherEnds(ended: () => void): () => void {
  const links = linksToLauncher()
  const timer = setInterval(() => {
    if (links.every(({ child, parent }) => parentOf(child) === parent)) return
    clearInterval(timer)
    ended()
  }, POLL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

interface Link {
  readonly child: number
  readonly parent: number
}

/** From us up to the topmost process of a package manager's; none if none started us. */
function linksToLauncher(): Link[] {
  const links: Link[] = []
  let found = 0
  for (let child = process.pid; ; ) {
    const parent = parentOf(child)
    if (parent === undefined || parent <= 1) return links.slice(0, found)
    links.push({ child, parent })
    if (PACKAGE_MANAGER.test(commandOf(parent))) found = links.length
    child = parent
  }
}

/** Undefined where the system has no /proc, for every process but ourselves: there only the nearest link is watched. */
function parentOf(pid: number): number | undefined {
  if (pid === process.pid) return process.ppid
  // The name, in parentheses, may hold anything; the state and the parent follow the last of them (proc_pid_stat(5)).
  const [, parent] = /\) \S+ (\d+) [^)]*$/.exec(read(`/proc/${pid}/stat`)) ?? []
  return parent === undefined ? undefined : Number(parent)
}

const commandOf = (pid: number) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')

function read(path: string) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
