import { type Terminal, variable } from '../terminal.ts'

/** Opens the person's browser, or tries to: the address is printed as well. `BROWSER` names another one. */
export async function openBrowser(terminal: Terminal, url: URL): Promise<void> {
  const { default: open } = await import('open')
  const name = variable(terminal, 'BROWSER')
  try {
    const child = await open(url.href, name === undefined ? {} : { app: { name } })
    child.on('error', () => {})
    child.unref()
  } catch {
    // No browser on this machine: there is the printed address.
  }
}
