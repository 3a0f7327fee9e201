import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

const RUNNER = 'packages/testing/runner/main.ts'

/** The directories of all parts with tests, relative to `root`. A part whose `test` script does not start this runner is an error. */
export async function findParts(root: string): Promise<string[]> {
  const manifests = await Array.fromAsync(
    glob('{*,*/*}/package.json', { cwd: root, exclude: (path) => basename(path) === 'node_modules' }),
  )
  const parts: string[] = []
  for (const manifest of manifests) {
    const { scripts = {} } = JSON.parse(await readFile(join(root, manifest), 'utf8'))
    if (scripts.test === undefined) continue
    if (!scripts.test.includes(RUNNER)) throw new Error(`the test script of ${manifest} does not start ${RUNNER}`)
    parts.push(dirname(manifest))
  }
  return parts.toSorted()
}

/** The test files of a part, relative to its directory. */
export function findTestFiles(directory: string): Promise<string[]> {
  return Array.fromAsync(glob('{src,test,runner,words}/**/*.test.ts', { cwd: directory }))
}
