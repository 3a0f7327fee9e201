import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { it } from 'node:test'

/** Imports run downwards only. Two apps never import each other; `standalone`, which starts both servers, is the exception. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'apps/api': ['accounts', 'auth', 'db', 'service'],
  'apps/oidc': ['accounts', 'auth', 'db', 'service', 'signing-keys'],
  'apps/cli': ['sdk'],
  'apps/ops': ['accounts', 'db', 'service', 'signing-keys'],
  'apps/standalone': ['api', 'oidc', 'accounts', 'auth', 'db', 'service'],
  'packages/accounts': ['auth', 'db', 'service'],
  'packages/auth': ['db', 'service'],
  'packages/db': [],
  'packages/sdk': [],
  'packages/service': [],
  'packages/signing-keys': ['db'],
  'packages/testing': ['auth', 'db', 'service'],
}

/** The folders of `packages/auth/src` from the lowest to the highest: each imports itself and those before it. */
const AUTH_FOLDERS = ['credential', 'principal', 'limits', 'verification', 'http']

const root = join(import.meta.dirname, '../../..')
const IMPORT = /from '@daytona-auth\/([a-z-]+)|import\('@daytona-auth\/([a-z-]+)/g
const RELATIVE_IMPORT = /(?:from|import|import\() ?'(\.[^']+)'/g

it('imports run downwards only', async () => {
  let read = 0
  for await (const file of glob('{apps,packages}/*/src/**/*.{ts,tsx}', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue
    read += 1
    const part = file.split('/').slice(0, 2).join('/')
    const allowed = MAY_IMPORT[part]
    assert.ok(allowed, `${part} is a new part: add what it may import to MAY_IMPORT`)
    const source = await readFile(join(root, file), 'utf8')
    for (const [, name = '', dynamic = ''] of source.matchAll(IMPORT)) {
      assert.ok(allowed.includes(name || dynamic), `${file} imports @daytona-auth/${name || dynamic}`)
    }
    assert.doesNotMatch(source, /from '(\.\.\/)+(apps|packages)\//, `${file} reaches into another part by path`)
  }
  assert.ok(read > 20, `only ${read} files were read`)
})

it('folders of packages/auth import only folders below them', async () => {
  const imports = await importsWithin(join(root, 'packages/auth/src'))
  assert.ok(imports.size > 30, `only ${imports.size} files were read`)
  for (const [file, targets] of imports) {
    const from = folderOf(file)
    if (from === undefined) continue // the entry point
    assert.ok(AUTH_FOLDERS.includes(from), `${from} is a new folder: add it to AUTH_FOLDERS`)
    for (const target of targets) {
      const to = AUTH_FOLDERS.indexOf(folderOf(target) ?? '')
      assert.ok(to !== -1 && to <= AUTH_FOLDERS.indexOf(from), `${file} imports ${target}, which is above it`)
    }
  }
})

it('no files of packages/auth import each other in a circle', async () => {
  const imports = await importsWithin(join(root, 'packages/auth/src'))
  assert.deepEqual(circleIn(imports), [])
})

it('finds circles of imports', () => {
  const circle = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  assert.deepEqual(circleIn(circle), ['b', 'c', 'b'])
  assert.deepEqual(
    circleIn(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['c']],
        ['c', []],
      ]),
    ),
    [],
  )
})

/** Returns the relative imports of each file of `folder`, type imports included, as paths below `folder`. */
async function importsWithin(folder: string): Promise<Map<string, readonly string[]>> {
  const imports = new Map<string, readonly string[]>()
  for await (const file of glob('**/*.ts', { cwd: folder })) {
    if (file.endsWith('.test.ts')) continue
    const source = await readFile(join(folder, file), 'utf8')
    const targets = [...source.matchAll(RELATIVE_IMPORT)].map(([, path = '']) => join(dirname(file), path))
    imports.set(file, targets)
  }
  return imports
}

/** Returns the first circle, as the files on it with the first one repeated at the end; empty if there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>()

  function visit(file: string, path: readonly string[]): readonly string[] {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target, [...path, file])
      if (circle.length > 0) return circle
    }
    done.add(file)
    return []
  }

  for (const file of imports.keys()) {
    const circle = visit(file, [])
    if (circle.length > 0) return circle
  }
  return []
}

const folderOf = (file: string): string | undefined => (file.includes('/') ? file.split('/')[0] : undefined)
