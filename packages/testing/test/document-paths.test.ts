import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { readSourceFiles } from '../structure/imports.ts'

const root = join(import.meta.dirname, '../../..')
/** A path in code: at least one folder and a known suffix. A placeholder such as `<feature>` does not match. */
const PATH = /`([\w.-]+(?:\/[\w.-]+)+\.(?:tsx?|mjs|sql|json|md|sh|ya?ml))`/g
const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g
/** Files that exist only once the program has run. */
const MADE = new Set(['.data/credentials.json'])

/** Returns the paths and links of a document that lead nowhere, but for pages of the site that serves it. A path counts from the root, the document or its `src`. */
function brokenPaths(document: string, text: string): string[] {
  const folder = dirname(join(root, document))
  const paths = [...text.matchAll(PATH)].map(([, path = '']) => path)
  const links = [...text.matchAll(LINK)].map(([, link = '']) => link).filter((link) => !/^(?:[a-z]+:|\/)/.test(link))
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

/** Returns the texts in backticks. */
const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
const FILE_NAME = /^[\w@.<>…{},/-]+\.(?:tsx?|json|md|sql)$/

/** Whether a path of the table exists. `<name>` and `…` stand for any text; a name without a folder may be in any part. */
async function isThere(path: string): Promise<boolean> {
  const pattern = path
    .replace(/^…\/?/, '{apps,packages}/**/*')
    .replaceAll(/<[^>]+>/g, '*')
    .replace(/^[^/]+$/, '{*,{apps,packages}/**}/$&')
    .replace(/\/$/, '')
  for await (const _ of glob(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] })) return true
  return false
}

describe('the lists of files for a change in CONTRIBUTING.md', async () => {
  const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8')
  const table = text.slice(text.indexOf('## How to add …'), text.indexOf('## Glossary'))
  const rows = [...table.matchAll(/^\| (?!what|---)([^|]+) \| (.+) \|$/gm)].map(([, change = '', files = '']) => ({
    change,
    files: codeIn(files),
  }))
  const isPath = (code: string) => FILE_NAME.test(code) || /^[a-z][^ ]*\/$/.test(code)

  it('are of twelve changes or more', () => assert.ok(rows.length >= 12, `only ${rows.length} rows were read`))

  for (const { change, files } of rows) {
    it(`exist: ${change}`, async () => {
      const paths = files.filter(isPath)
      assert.ok(paths.length > 0)
      for (const path of paths) assert.ok(await isThere(path), path)
    })
  }

  it('name functions and types that exist', async () => {
    const source = (await readSourceFiles()).map((file) => file.text).join('\n')
    const names = rows.flatMap(({ files }) => files).flatMap((code) => /^([a-z]\w*)(?:\(…\))?$/i.exec(code)?.[1] ?? [])
    assert.ok(names.length > 5, names.join())
    for (const name of names) assert.match(source, new RegExp(`\\b${name}\\b`), name)
  })

  it('do not match what does not exist', async () => {
    for (const path of [
      'gone.ts',
      '…/gone.ts',
      'apps/<app>/gone.ts',
      'apps/gone/',
      'packages/auth/src/{gone,lost}.ts',
    ]) {
      assert.equal(await isThere(path), false, path)
    }
  })
})

describe('the list of files that a request passes', () => {
  const LISTS = {
    'packages/auth': "From a key's header to its handler:",
    'apps/oidc': 'From an authorization code to a token:',
    'packages/db': '## A revocation to every cache',
  }
  for (const [part, heading] of Object.entries(LISTS)) {
    it(`has at most eight files, which exist: ${part}`, async () => {
      const text = await readFile(join(root, part, 'README.md'), 'utf8')
      const [, after = ''] = text.split(`${heading}\n\n`)
      const [list = ''] = after.split('\n\n')
      const items = list.split(/^\d+\. /m).slice(1)
      assert.ok(items.length >= 5, `${items.length} items`)
      assert.ok(codeIn(list).filter((code) => FILE_NAME.test(code)).length <= 8)
      for (const item of items) {
        const files = codeIn(item).filter((code) => FILE_NAME.test(code))
        assert.ok(files.length > 0, item)
        for (const file of files) {
          assert.ok(
            ['', part, join(part, 'src')].some((base) => existsSync(join(root, base, file))),
            `${file} in ${item}`,
          )
        }
      }
    })
  }
})
