import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from './fixtures.ts'

/** Creates a program for `BROWSER` that records the URL instead of opening it. */
export async function createRecordingBrowser({ env }: Home) {
  const directory = String(env['XDG_CONFIG_HOME'])
  const browser = join(directory, 'browser')
  const file = join(directory, 'opened')
  await rm(file, { force: true })
  await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > "${file}.part" && mv "${file}.part" "${file}"\n`, {
    mode: 0o755,
  })
  return { browser, opened: () => readFile(file, 'utf8').catch(() => undefined) }
}
