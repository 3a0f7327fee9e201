import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'

/**
 * Imports run downwards only, and two apps never import each other, but for `standalone`, which starts both servers.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'apps/api': ['auth', 'db', 'service'],
  'apps/oidc': ['auth', 'db', 'service'],
  'apps/cli': ['sdk'],
  'apps/ops': ['auth', 'db', 'service'],
  'apps/standalone': ['api', 'oidc', 'auth', 'db', 'service'],
  'packages/auth': ['db', 'service'],
  'packages/db': [],
  'packages/sdk': [],
  'packages/service': [],
  'packages/testing': ['auth', 'db', 'service'],
}

const root = join(import.meta.dirname, '../../..')
const IMPORT = /from '@daytona-auth\/([a-z]+)|import\('@daytona-auth\/([a-z]+)/g

it('imports run downwards only', async () => {
  let read = 0
  for await (const file of glob('{apps,packages}/*/src/**/*.{ts,tsx}', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue
    read += 1
    const part = file.split('/').slice(0, 2).join('/')
    const allowed = MAY_IMPORT[part]
    assert.ok(allowed, `${part} is a new part: say here what it may import`)
    const source = await readFile(join(root, file), 'utf8')
    for (const [, name = '', dynamic = ''] of source.matchAll(IMPORT)) {
      assert.ok(allowed.includes(name || dynamic), `${file} imports @daytona-auth/${name || dynamic}`)
    }
    assert.doesNotMatch(source, /from '(\.\.\/)+(apps|packages)\//, `${file} reaches into another part by path`)
  }
  assert.ok(read > 20, `only ${read} files were read`)
})
