import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { manageFileScope, tidyUpFile } from '../src/file-scope.ts'
import { findChanges, type ProcessState, readProcessState } from './process-state.ts'

/**
 * Runs test files of a part one after another in this process: `shared-process.ts <part> <claims> <file…>`. Each file is a test
 * of which everything in the file is a subtest, so that its hooks end with it. Processes that share a list of files claim
 * each file by creating a directory in `claims`.
 */
const [part = '', claims = '', ...files] = process.argv.slice(2)
const urls = files.map((file) => pathToFileURL(resolve(file)).href)

/** Until a closed server or a child process that received a signal has gone. */
const CLOSED_WITHIN_MS = 5_000

/**
 * Longer than any file takes on a machine under load, where one of half a minute has taken ten. A test that waits for what never
 * happens must not end the run unseen.
 */
const FILE_MS = 20 * 60_000

/** Files keep some memory each; a new process runs those that are left. */
const RSS_LIMIT = 800 * 1024 ** 2

manageFileScope()
for (const [place, file] of files.entries()) {
  if (process.memoryUsage.rss() > RSS_LIMIT) break
  if (!claim(place)) continue
  const name = join(part, file)
  let before: ProcessState = {}
  await test(name, { timeout: FILE_MS }, async (t) => {
    // Here, because the first test registers listeners of the test runner.
    before = readProcessState()
    t.after(tidyUpFile)
    await import(urls[place] ?? '')
  })
  const changes = await changesSince(before)
  if (changes.length > 0) {
    await test(`${name} leaves the process as it found it`, () => {
      throw new Error(`${changes.join(', ')} changed: restore them, or name the file *.isolated.test.ts`)
    })
  }
}

function claim(place: number): boolean {
  try {
    mkdirSync(join(claims, String(place)))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function changesSince(before: ProcessState): Promise<string[]> {
  const deadline = performance.now() + CLOSED_WITHIN_MS
  for (;;) {
    const changes = findChanges(before, readProcessState())
    if (!changes.some((name) => name.startsWith('open ')) || performance.now() > deadline) return changes
    await delay(20)
  }
}
