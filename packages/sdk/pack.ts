import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSdk } from './build.ts'

const folder = import.meta.dirname
const manifest = join(folder, 'package.json')
const original = join(folder, 'package.json.tmp.original')

/**
 * Replaces the manifest's entry points for `npm pack`: they are the source in this repository, and the build in the
 * package. pnpm does this itself (`publishConfig`); npm does not.
 */
async function replaceEntryPoints(): Promise<void> {
  const { exports, ...rest } = JSON.parse(await readFile(manifest, 'utf8'))
  // Otherwise an interrupted pack left the replaced manifest, and the saved copy is the right one.
  if (typeof exports['.'] === 'string') await copyFile(manifest, original)
  await writeFile(manifest, `${JSON.stringify({ ...rest, exports: rest.publishConfig.exports }, undefined, 2)}\n`)
}

if (process.argv[2] === '--undo') {
  await rename(original, manifest)
} else {
  await buildSdk()
  await replaceEntryPoints()
}
