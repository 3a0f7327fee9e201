import { readFileSync } from 'node:fs'

const POLL_MS = 200
/** Matches the commands of npx, npm and pnpm, and of shells that run them. */
const PACKAGE_MANAGER = /(?:^|[\s/])p?np[mx]\b/

/**
 * Calls `onEnd` once when one of the package manager's processes that started this process has ended.
 *
 * npx and npm do not forward SIGTERM to their child. SIGTERM to the process id that a script got for
 * `npx pnpm@12 start` would leave this process running, with the port and the data directory in use. Only the package
 * manager's ancestor processes are watched, so that `nohup` and a service manager work as usual. The kernel reparents
 * an orphan at once, even while its former parent is a zombie.
 *
 * @returns a function that ends the watch.
 */
export function watchLauncher(onEnd: () => void): () => void {
  const links = findLauncherLinks()
  const timer = setInterval(() => {
    if (links.every(({ child, parent }) => readParentPid(child) === parent)) return
    clearInterval(timer)
    onEnd()
  }, POLL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

interface Link {
  readonly child: number
  readonly parent: number
}

/** Lists the links from this process to the topmost package manager process; empty if there is none. */
function findLauncherLinks(): Link[] {
  const links: Link[] = []
  let found = 0
  for (let child = process.pid; ; ) {
    const parent = readParentPid(child)
    if (parent === undefined || parent <= 1) return links.slice(0, found)
    links.push({ child, parent })
    if (PACKAGE_MANAGER.test(readCommand(parent))) found = links.length
    child = parent
  }
}

/** Undefined without /proc, except for this process itself: there only the nearest link is watched. */
function readParentPid(pid: number): number | undefined {
  if (pid === process.pid) return process.ppid
  // The name, in parentheses, may contain any character; state and parent follow the last ")" (proc_pid_stat(5)).
  const [, parent] = /\) \S+ (\d+) [^)]*$/.exec(readOrEmpty(`/proc/${pid}/stat`)) ?? []
  return parent === undefined ? undefined : Number(parent)
}

const readCommand = (pid: number) => readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')

function readOrEmpty(path: string) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
