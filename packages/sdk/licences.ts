import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Collects the licence texts of bundled packages, which must accompany them. `inputs` are paths relative to `folder`. */
export async function collectLicences(folder: string, inputs: readonly string[]): Promise<string> {
  const parts = new Set(inputs.map((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean))
  const texts: string[] = []
  for (const part of [...parts].sort()) {
    const path = join(folder, String(part))
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    const text = await readFirst(path, ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'])
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`)
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

async function readFirst(folder: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}
