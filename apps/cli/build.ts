import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const DIST = join(import.meta.dirname, 'dist')

/**
 * Bundles the program with its dependencies. The code of each command is a file of its own, which is loaded when that
 * command runs.
 */
export async function buildCli(dist = DIST): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/main.ts'],
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.15',
    // Names stay readable in stack traces; whitespace is most of the saving.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // Some dependencies are CommonJS and call `require` for modules of Node.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  })
  await writeFile(join(dist, 'LICENSES.txt'), await collectLicences(Object.keys(metafile.inputs)))
  await chmod(join(dist, 'main.js'), 0o755)
}

/** Collects the licence texts of bundled packages, which must accompany the bundle. */
async function collectLicences(inputs: string[]): Promise<string> {
  const folders = new Set(
    inputs.map((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean),
  )
  const texts: string[] = []
  for (const folder of [...folders].sort()) {
    const path = join(import.meta.dirname, String(folder))
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    const text = await readFirst(path, ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'])
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`)
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

async function readFirst(folder: string, names: string[]): Promise<string> {
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}

if (import.meta.main) await buildCli()
