import { getVariable, type Terminal } from '../terminal.ts'

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
