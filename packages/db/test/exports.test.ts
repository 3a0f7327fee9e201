import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import * as apiKeys from '../src/api-keys/index.ts'
import * as audit from '../src/audit/index.ts'
import * as clients from '../src/clients/index.ts'
import * as core from '../src/core/index.ts'
import * as grants from '../src/grants/index.ts'
import * as operations from '../src/operations/index.ts'
import * as organizations from '../src/organizations/index.ts'
import * as principals from '../src/principals/index.ts'
import * as resources from '../src/resources/index.ts'
import * as signingKeys from '../src/signing-keys/index.ts'
import * as users from '../src/users/index.ts'

const ENTRY_POINTS = {
  apiKeys,
  audit,
  clients,
  core,
  grants,
  operations,
  organizations,
  principals,
  resources,
  signingKeys,
  users,
}

const isError = (member: { readonly prototype?: unknown }) => member.prototype instanceof Error

/** The text of every test of this part without its imports. */
async function testTexts(): Promise<string> {
  const files = (await readdir(import.meta.dirname)).filter(
    (file) => file.endsWith('.ts') && file !== 'exports.test.ts',
  )
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, import.meta.url), 'utf8')))
  return texts.map((text) => text.replaceAll(/^import\s[^;]*?from '[^']+'$/gms, '')).join('\n')
}

describe('every function of an entry point', async () => {
  const text = await testTexts()
  for (const [entry, members] of Object.entries(ENTRY_POINTS)) {
    it(`is called by a test of this part: ${entry}`, () => {
      const functions = Object.entries(members).filter(([, member]) => typeof member === 'function' && !isError(member))
      const uncalled = functions.map(([name]) => name).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
      assert.deepEqual(uncalled, [])
    })
  }
})
