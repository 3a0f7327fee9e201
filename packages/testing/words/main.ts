import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findWords } from './words.ts'

/** Prints each word of the repository's texts and names for which there is a term, and exits with 1 if there is one. */
const root = join(import.meta.dirname, '../../..')
/** Migrations that were applied do not change; the word list contains its words; other languages have words that look like ours. */
const UNCHECKED =
  /^packages\/testing\/words\/|\/german(?:\/|\.ts$)|^packages\/db\/(?:migrations|patches|releases\/[\d.]+)\/|\/generated\/|pnpm-lock/
const only = process.argv.slice(2)

const files = execFileSync(
  'git',
  ['ls-files', '-z', '--', '*.ts', '*.tsx', '*.css', '*.html', '*.md', '*.eta', '*.yaml', '*.sql', '*.sh', '.ci/run'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
let found = 0
for (const file of files.split('\0')) {
  const isChecked = only.length > 0 ? only.some((path) => file.startsWith(path)) : !UNCHECKED.test(file)
  if (file === '' || !isChecked) continue
  for (const { line, word, instead } of findWords(readFileSync(join(root, file), 'utf8'))) {
    found += 1
    process.stdout.write(`${file}:${line}: "${word}": write ${instead}\n`)
  }
}
if (found > 0) {
  process.stdout.write(`${found} words\n`)
  process.exitCode = 1
}
