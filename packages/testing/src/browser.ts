import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import type { Scope } from './file-scope.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** The reason to skip browser tests on this machine; false if a browser is available. */
export const withoutBrowser: string | false = CHROMIUM === undefined && 'no Chromium is installed'

/** Launches headless Chromium, until the end of `scope`. It sends no request of its own. */
export async function launchBrowser(scope: Scope): Promise<Browser> {
  const browser = await chromium.launch({
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  scope.after(() => browser.close())
  return browser
}
