import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { AUDIT_ACTIONS, auditEntry } from '../src/audit/index.ts'
import type { OrganizationId } from '../src/core/index.ts'

const root = join(import.meta.dirname, '../../..')
const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'apps/*.ts', 'packages/*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /^(?:apps|packages)\/[^/]+\/src\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

const CATALOGUE = 'packages/db/src/audit/actions.ts'
const WRITES = /\b(?:inAudit|recordAudit)\b[<(]/

describe('the catalogue of audit actions', () => {
  it('has no action that no writer names', () => {
    const texts = sources.filter(({ file }) => file !== CATALOGUE).map(({ text }) => text)
    const unwritten = Object.keys(AUDIT_ACTIONS).filter((action) => !texts.some((text) => text.includes(`'${action}'`)))
    assert.deepEqual(unwritten, [])
  })

  it('is used by every writer: only its builder sets the type of a target', () => {
    const writers = sources.filter(({ text }) => WRITES.test(text))
    assert.ok(writers.length > 15, String(writers.length))
    const literals = writers.flatMap(({ file, text }) =>
      [...text.matchAll(/\baction: ['`]([^'`]+)['`]/g)].map(([, action = '']) => ({ file, action })),
    )
    assert.deepEqual(
      literals.filter(({ action }) => !Object.hasOwn(AUDIT_ACTIONS, action)),
      [],
    )
    // Besides writers: the column, its filter and its member on the wire.
    const others = sources.filter(({ text }) => /\btargetType: '\w+'/.test(text)).map(({ file }) => file)
    assert.deepEqual(others, [CATALOGUE])
  })

  it('gives an entry the target of its action, and keeps what the writer states', () => {
    const facts = {
      organizationId: 'org_a' as OrganizationId,
      actorId: null,
      actorEmail: null,
      source: 'test',
      targetId: 'app_a',
      metadata: { name: 'A' },
    }
    assert.deepEqual(auditEntry('oauth_app.rotate_secret', facts), {
      ...facts,
      action: 'oauth_app.rotate_secret',
      targetType: 'oauth_app',
    })
    // The type check fails if one of these compiles.
    const refused = [
      // @ts-expect-error the action needs a name
      () => auditEntry('oauth_app.rotate_secret', { ...facts, metadata: {} }),
      // @ts-expect-error no such action
      () => auditEntry('oauth_app.rename', facts),
    ]
    assert.equal(refused.length, 2)
  })

  it('is the only source of actions: no statement inserts an event with one of its own', () => {
    const inserting = sources.filter(({ text }) => /INSERT INTO audit_events|insert\(auditEvents\)/i.test(text))
    assert.deepEqual(
      inserting.map(({ file }) => file),
      ['packages/db/src/audit/entries.ts'],
    )
  })
})
