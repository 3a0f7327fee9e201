import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { it } from 'node:test'

/** Imports run downwards only. Two apps never import each other; `standalone`, which starts both servers, is the exception. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'apps/api': ['accounts', 'auth', 'configuration', 'db', 'server', 'service'],
  'apps/oidc': ['accounts', 'auth', 'configuration', 'db', 'server', 'service', 'signing-keys'],
  'apps/cli': ['sdk'],
  'apps/dashboard': ['sdk'],
  'apps/ops': ['accounts', 'configuration', 'db', 'service', 'signing-keys'],
  'apps/standalone': ['api', 'dashboard', 'oidc', 'accounts', 'auth', 'configuration', 'db', 'service'],
  'packages/accounts': ['auth', 'db', 'service'],
  'packages/auth': ['db', 'service'],
  'packages/configuration': ['service'],
  'packages/db': [],
  'packages/sdk': [],
  'packages/server': ['auth', 'db', 'service'],
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
 * Rooms of a folder, from the lowest: a file imports from its own room and from lower ones. A room is a folder, or a file
 * that is named here because rooms import it. Other files of the folder, such as `index.ts`, may import from all rooms,
 * and no room imports them.
 */
const ROOMS: Record<string, readonly string[]> = {
  'apps/api/src': ['config.ts', 'http', 'limits', 'mail', 'features', 'tasks'],
  'apps/oidc/src': ['config.ts', 'limits', 'pages', 'provider', 'flows'],
  'apps/oidc/src/flows': [
    'metrics.ts',
    'interaction',
    'sign-in',
    'sign-up',
    'consent',
    'mailed-link',
    'invitation',
    'email-verification',
    'device',
    'sign-out',
  ],
  'apps/oidc/src/provider': [
    'endpoint-paths.ts',
    'middleware.ts',
    'request-context.ts',
    'caller.ts',
    'policy',
    'keys',
    'storage',
    'metrics.ts',
    'flows.ts',
    'endpoints',
    'configuration',
  ],
  'packages/auth/src': ['credential', 'principal', 'limits', 'verification', 'http'],
  'packages/db/src': [
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
  'packages/service/src': ['network', 'observability', 'http', 'config', 'process', 'mail'],
}

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
  const imports = await importsWithinParts()
  for (const [folder, rooms] of Object.entries(ROOMS)) {
    const files = [...imports.keys()].filter((file) => roomOf(file, folder) !== undefined)
    for (const file of files) {
      assert.ok(
        isFileOf(folder, file) || rooms.includes(roomOf(file, folder) ?? ''),
        `${file} is of a new room: name it`,
      )
      assert.deepEqual(upwardImports(file, imports.get(file) ?? [], { folder, rooms }), [])
    }
    for (const room of rooms)
      assert.ok(
        files.some((file) => roomOf(file, folder) === room),
        `${folder}/${room} is gone`,
      )
  }
})

it('finds an upward import', () => {
  const order = { folder: 'part/src', rooms: ['low.ts', 'middle', 'high'] }
  const upward = (file: string, target: string) =>
    upwardImports(`part/src/${file}`, [`part/src/${target}`], order).length
  assert.equal(upward('middle/a.ts', 'high/b.ts'), 1)
  assert.equal(upward('low.ts', 'middle/a.ts'), 1)
  assert.equal(upward('middle/a.ts', 'start.ts'), 1, 'a file beside the rooms')
  assert.equal(upward('high/deep/b.ts', 'middle/a.ts'), 0)
  assert.equal(upward('middle/a.ts', 'low.ts'), 0)
  assert.equal(upward('start.ts', 'high/b.ts'), 0)
})

/** Returns the imports of a file that are of a higher room, or of no room at all. */
function upwardImports(
  file: string,
  targets: readonly string[],
  { folder, rooms }: { readonly folder: string; readonly rooms: readonly string[] },
): string[] {
  const place = rooms.indexOf(roomOf(file, folder) ?? '')
  if (place === -1) return []
  return targets
    .filter((target) => {
      const room = roomOf(target, folder)
      return room !== undefined && !rooms.slice(0, place + 1).includes(room)
    })
    .map((target) => `${file} imports ${target}`)
}

/** Returns the first name of a path below `folder`; `undefined` for a path elsewhere. */
const roomOf = (file: string, folder: string): string | undefined =>
  file.startsWith(`${folder}/`) ? file.slice(folder.length + 1).split('/')[0] : undefined

const isFileOf = (folder: string, file: string): boolean => file.startsWith(`${folder}/`) && dirname(file) === folder
