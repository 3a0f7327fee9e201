import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSdk } from './build.ts'

const folder = import.meta.dirname
const manifest = join(folder, 'package.json')
const kept = join(folder, 'package.json.tmp.kept')

/**
 * Around `npm pack`: the entry points are the source in this repository, and what is built in the package. pnpm exchanges
 * them by itself (`publishConfig`); npm has to be helped.
 */
async function exchange(): Promise<void> {
  const { exports, ...rest } = JSON.parse(await readFile(manifest, 'utf8'))
  // Otherwise a pack was killed that had exchanged them, and what it kept is the right one.
  if (typeof exports['.'] === 'string') await copyFile(manifest, kept)
  await writeFile(manifest, `${JSON.stringify({ ...rest, exports: rest.publishConfig.exports }, undefined, 2)}\n`)
}

if (process.argv[2] === '--undo') {
  await rename(kept, manifest)
} else {
  await buildSdk()
  await exchange()
}
