import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createProgram } from '../program.ts'
import { findCandidates } from './candidates.ts'
import { SCRIPTS } from './scripts.ts'

const { stdin, stdout, stderr } = process
const program = createProgram({ stdin, stdout, stderr, env: {}, now: Date.now })
const NAMES: Record<string, readonly string[]> = {
  role: ['Developer', 'Viewer'],
  profile: ['default', 'work'],
}
const readNames = async (kind: string) => (NAMES[kind] ?? []).map((value) => ({ value, description: '' }))
const of = async (...words: string[]) => (await findCandidates(program, words, readNames)).map(({ value }) => value)

describe('findCandidates', () => {
  it('completes visible commands', async () => {
    assert.deepEqual(await of('c'), ['config', 'completion'])
    assert.deepEqual(await of('api-key', 'c'), ['create', 'current', 'check'])
    assert.deepEqual(await of('org', 'in'), ['invite'])
  })

  it('completes options, the global ones included, and their values', async () => {
    assert.deepEqual(await of('api-key', 'create', 'x', '--exp'), ['--expires-at', '--expires-in'])
    assert.deepEqual(await of('api-key', 'list', '--org'), ['--organization'])
    assert.deepEqual(await of('whoami', '-f', ''), ['table', 'tsv', 'json', 'yaml'])
    assert.deepEqual(await of('whoami', '--format=j'), ['--format=json'])
    assert.deepEqual(await of('app', 'create', '--type', 's'), ['spa'])
    assert.deepEqual(await of('api-key', 'create', '--expires-in', ''), [])
  })

  it('completes permissions after the last comma, each once', async () => {
    assert.deepEqual(await of('api-key', 'create', 'x', '--permissions', 'read:v'), ['read:volumes'])
    assert.deepEqual(await of('api-key', 'create', 'x', '--permissions', 'write:sandboxes,write:s'), [
      'write:sandboxes,write:snapshots',
    ])
  })

  it('completes names that exist at the server, in a list each once', async () => {
    assert.deepEqual(await of('role', 'delete', 'V'), ['Viewer'])
    assert.deepEqual(await of('member', 'update', 'a@example.com', '--roles', 'Viewer,'), ['Viewer,Developer'])
    assert.deepEqual(await of('role', 'create', 'V'), [])
  })

  it('completes the values of arguments', async () => {
    assert.deepEqual(await of('completion', ''), ['bash', 'zsh', 'fish'])
    assert.deepEqual(await of('config', 'set', ''), ['profile', 'api-url', 'organization'])
    assert.deepEqual(await of('config', 'set', 'api-url', ''), [])
  })

  it('completes the names of profiles', async () => {
    assert.deepEqual(await of('whoami', '--profile', ''), ['default', 'work'])
    assert.deepEqual(await of('--profile=w'), ['--profile=work'])
    assert.deepEqual(await of('config', 'delete', 'w'), ['work'])
    assert.deepEqual(await of('config', 'set', 'profile', 'd'), ['default'])
    assert.deepEqual(await of('config', 'set', 'organization', ''), [])
  })
})

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '../main.ts')

describe('the script for bash', { skip: !existsSync('/bin/bash') && 'bash is not installed' }, () => {
  it('completes after a colon and a comma, and evaluates nothing on the line', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'daytona-cli-'))
    t.after(() => rm(directory, { recursive: true, force: true }))
    const evil = join(directory, 'evil')
    const press = `
      daytona() { ${JSON.stringify(process.execPath)} ${JSON.stringify(MAIN)} "$@"; }
      press() { COMP_LINE=$1 COMP_POINT=\${#1}; _daytona daytona; printf '%s ' "\${COMPREPLY[@]}"; echo; }
      press 'daytona api-key create x --permissions read:snapshots,write:sa'
      press 'daytona organization '
      press 'daytona api-key get $(touch ${evil}) --q'`
    const { stdout } = await run('/bin/bash', ['--norc', '-c', `${SCRIPTS.bash}${press}`])
    const [permissions, commands, afterEvil] = stdout.split('\n').map((line) => line.trim())
    // Bash replaces the part after the last colon.
    assert.equal(permissions, 'sandboxes')
    assert.equal(commands, (await of('organization', '')).join(' '))
    assert.equal(afterEvil, '--quiet')
    assert.ok(!existsSync(evil))
  })
})
