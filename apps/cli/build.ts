import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const DIST = join(import.meta.dirname, 'dist')

/**
 * The command and all that it needs, without dependencies: what a command does stands in a file of its own, which is
 * read when that command is called.
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
    // Names stay readable in stack traces; whitespace is most of what there is to save.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // Some dependencies are CommonJS and call `require` for what Node has.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  })
  await writeFile(join(dist, 'LICENSES.txt'), await licencesOf(Object.keys(metafile.inputs)))
  await chmod(join(dist, 'main.js'), 0o755)
}

/** The licences of what is bundled, which ask to go with it. */
async function licencesOf(inputs: string[]): Promise<string> {
  const folders = new Set(
    inputs.map((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean),
  )
  const texts: string[] = []
  for (const folder of [...folders].sort()) {
    const path = join(import.meta.dirname, String(folder))
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    const text = await firstOf(path, ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'])
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`)
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

async function firstOf(folder: string, names: string[]): Promise<string> {
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}

if (import.meta.main) await buildCli()
