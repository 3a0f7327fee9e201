import { createInterface } from 'node:readline'
import { getVariable, isInteractive, type Terminal } from '../terminal.ts'

/** Tries to open the user's browser, or the one that `BROWSER` names. The URL is printed as well. */
export async function openBrowser(terminal: Terminal, url: URL): Promise<void> {
  const { default: open } = await import('open')
  const name = getVariable(terminal, 'BROWSER')
  try {
    const child = await open(url.href, name === undefined ? {} : { app: { name } })
    child.on('error', () => {})
    child.unref()
  } catch {
    // No browser on this machine: the user has the printed URL.
  }
}

/**
 * Returns whether a browser can open here: `BROWSER` names one, or this is a local desktop. Over SSH, a browser would open
 * on the wrong machine.
 */
export function hasBrowser(terminal: Pick<Terminal, 'env'>, platform = process.platform): boolean {
  const isSet = (name: string) => getVariable(terminal, name) !== undefined
  if (isSet('BROWSER')) return true
  if (isSet('SSH_CONNECTION') || isSet('SSH_TTY')) return false
  if (platform === 'darwin' || platform === 'win32') return true
  return isSet('DISPLAY') || isSet('WAYLAND_DISPLAY') || isSet('WSL_DISTRO_NAME')
}

/** Waits for Enter at a terminal, or until `signal` is aborted. Resolves at once without a terminal. */
export function waitForEnter(terminal: Terminal, signal: AbortSignal): Promise<void> {
  if (!isInteractive(terminal) || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const lines = createInterface({ input: terminal.stdin, terminal: false })
    lines.once('close', resolve)
    lines.once('line', () => lines.close())
    signal.addEventListener('abort', () => lines.close(), { once: true })
  })
}
