import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { it } from 'node:test'

const root = join(import.meta.dirname, '../../..')
/** A path in code: at least one folder and a known suffix. A placeholder such as `<feature>` does not match. */
const PATH = /`([\w.-]+(?:\/[\w.-]+)+\.(?:tsx?|mjs|sql|json|md|sh|ya?ml))`/g
const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g
/** Files that exist only once the program has run. */
const MADE = new Set(['.data/credentials.json'])

/** Returns the paths and links of a document that lead nowhere. A path counts from the root, the document or its `src`. */
function brokenPaths(document: string, text: string): string[] {
  const folder = dirname(join(root, document))
  const paths = [...text.matchAll(PATH)].map(([, path = '']) => path)
  const links = [...text.matchAll(LINK)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link))
  return [
    ...paths.filter(
      (path) => !MADE.has(path) && ![root, folder, join(folder, 'src')].some((base) => existsSync(join(base, path))),
    ),
    ...links.filter((link) => !existsSync(join(folder, link))),
  ]
}

it('documents name files that exist', async () => {
  let read = 0
  for await (const document of glob(['*.md', '{apps,packages,docker}/**/*.md'], {
    cwd: root,
    exclude: ['**/node_modules/**'],
  })) {
    read += 1
    assert.deepEqual(brokenPaths(document, await readFile(join(root, document), 'utf8')), [], document)
  }
  assert.ok(read > 20, `only ${read} documents were read`)
})

it('finds a path and a link that lead nowhere', () => {
  assert.deepEqual(brokenPaths('README.md', 'see `apps/api/gone.ts`, [this](gone.md#part) and `<feature>/routes.ts`'), [
    'apps/api/gone.ts',
    'gone.md',
  ])
  assert.deepEqual(
    brokenPaths('apps/api/README.md', '`src/app.ts`, `app.ts`, [up](../../README.md), [web](https://x.org)'),
    [],
  )
})
