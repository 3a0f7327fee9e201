import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { renderKustomize } from './kustomize.ts'
import { ensureTools } from './tools.ts'

const folder = join(import.meta.dirname, '../kustomize')

const files = await renderKustomize(await ensureTools())
for (const name of ['base', 'overlays', 'components']) await rm(join(folder, name), { recursive: true, force: true })
for (const [path, text] of Object.entries(files)) {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
