import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { compressFiles } from './build/compress.ts'
import { checkFirstLoad, type Manifest, preloadFirstLoad } from './build/first-load.ts'
import { sharedOptions } from './vite.ts'

/**
 * Builds the dashboard into `directory`: `index.html`, `frame.html` and `assets/`, each file beside its compressed forms.
 * @throws Error if what a browser loads first is over its budget
 */
export async function buildDashboard(directory: string): Promise<void> {
  await build({
    ...sharedOptions,
    build: { ...sharedOptions.build, outDir: directory, emptyOutDir: true, manifest: 'manifest.json' },
  })
  const page = join(directory, 'index.html')
  const manifest: Manifest = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'))
  const html = await readFile(page, 'utf8')
  // The frame that renews a token shows no page.
  await writeFile(join(directory, 'frame.html'), html)
  await writeFile(page, preloadFirstLoad(html, manifest))
  await rm(join(directory, 'manifest.json'))
  await compressFiles(join(directory, 'assets'))
  process.stdout.write(`${await checkFirstLoad(directory, manifest)}\n`)
}

/** `node build.ts [folder]` */
if (import.meta.main) await buildDashboard(process.argv[2] ?? join(import.meta.dirname, 'dist'))
