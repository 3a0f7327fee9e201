import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The licences of what is bundled, which ask to go with it. `inputs` are the files of it, from `folder`. */
export async function licencesOf(folder: string, inputs: readonly string[]): Promise<string> {
  const parts = new Set(inputs.map((input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean))
  const texts: string[] = []
  for (const part of [...parts].sort()) {
    const path = join(folder, String(part))
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
    const text = await firstOf(path, ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'])
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`)
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

async function firstOf(folder: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}
