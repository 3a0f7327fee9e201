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

const root = join(import.meta.dirname, '../../..')
const IMPORT = /from '@daytona-auth\/([a-z-]+)|import\('@daytona-auth\/([a-z-]+)/g

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

/**
 * Rooms of a part, from the lowest: a file imports from its own room and from lower ones. Files beside the rooms, such as
 * `index.ts`, may import from all.
 */
const ROOMS: Record<string, readonly string[]> = {
  'packages/auth': ['credential', 'principal', 'limits', 'verification', 'http'],
  'packages/db': [
    'core',
    'schema',
    'audit',
    'principals',
    'api-keys',
    'grants',
    'organizations',
    'users',
    'clients',
    'signing-keys',
    'resources',
    'operations',
  ],
  'packages/service': ['network', 'observability', 'http', 'config', 'process', 'mail'],
}

/** Parts whose circles are still to be resolved. */
const WITH_CIRCLES = ['apps/oidc/']

const RELATIVE_IMPORT = /(?:from|import\()\s*'(\.{1,2}\/[^']+\.tsx?)'/g

/** What each source file of the repository imports of its own part, tests apart. */
async function importsWithinParts(): Promise<Map<string, string[]>> {
  const imports = new Map<string, string[]>()
  for await (const file of glob('{apps,packages}/*/src/**/*.{ts,tsx}', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue
    const source = await readFile(join(root, file), 'utf8')
    const specifiers = [...source.matchAll(RELATIVE_IMPORT)].map(([, specifier = '']) => specifier)
    imports.set(
      file,
      specifiers.map((specifier) => join(dirname(file), specifier)),
    )
  }
  return imports
}

/** The first circle found from `start`, as the list of its files. */
function circleFrom(start: string, imports: ReadonlyMap<string, readonly string[]>, done: Set<string>): string[] {
  const path: string[] = []
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target)
      if (circle.length > 0) return circle
    }
    path.pop()
    done.add(file)
    return []
  }
  return visit(start)
}

it('imports form no circle of files', async () => {
  const imports = await importsWithinParts()
  const done = new Set<string>()
  for (const file of imports.keys()) {
    if (WITH_CIRCLES.some((part) => file.startsWith(part))) continue
    assert.deepEqual(circleFrom(file, imports, done), [])
  }
})

it('finds a circle', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  assert.deepEqual(circleFrom('a', imports, new Set()), ['b', 'c', 'b'])
})

it('imports between rooms run downwards only', async () => {
  for (const [file, targets] of await importsWithinParts()) {
    const [part, room] = roomOf(file)
    const order = ROOMS[part]
    if (!order || room === undefined) continue
    assert.ok(order.includes(room), `${part}/src/${room} is a new room: say here which ones it may import from`)
    for (const target of targets) {
      const [, lower] = roomOf(target)
      if (lower === undefined) continue
      assert.ok(order.indexOf(lower) <= order.indexOf(room), `${file} imports ${target}, which is of a higher room`)
    }
  }
})

function roomOf(file: string): [part: string, room: string | undefined] {
  const [kind, name, , room, ...rest] = file.split('/')
  return [`${kind}/${name}`, rest.length > 0 ? room : undefined]
}
