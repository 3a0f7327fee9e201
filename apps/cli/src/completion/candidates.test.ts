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
const of = (...words: string[]) => findCandidates(program, words).map(({ value }) => value)

describe('findCandidates', () => {
  it('completes visible commands', () => {
    assert.deepEqual(of('c'), ['config', 'completion'])
    assert.deepEqual(of('api-key', 'c'), ['create', 'current', 'check'])
    assert.deepEqual(of('org', 'in'), ['invite'])
  })

  it('completes options, the global ones included, and their values', () => {
    assert.deepEqual(of('api-key', 'create', 'x', '--exp'), ['--expires-at', '--expires-in'])
    assert.deepEqual(of('api-key', 'list', '--org'), ['--organization'])
    assert.deepEqual(of('whoami', '-f', ''), ['table', 'tsv', 'json', 'yaml'])
    assert.deepEqual(of('whoami', '--format=j'), ['--format=json'])
    assert.deepEqual(of('app', 'create', '--type', 's'), ['spa'])
    assert.deepEqual(of('api-key', 'create', '--expires-in', ''), [])
  })

  it('completes permissions after the last comma, each once', () => {
    assert.deepEqual(of('api-key', 'create', 'x', '--permissions', 'read:v'), ['read:volumes'])
    assert.deepEqual(of('api-key', 'create', 'x', '--permissions', 'write:sandboxes,write:s'), [
      'write:sandboxes,write:snapshots',
    ])
  })

  it('completes the values of arguments', () => {
    assert.deepEqual(of('completion', ''), ['bash', 'zsh', 'fish'])
    assert.deepEqual(of('config', 'set', ''), ['profile', 'api-url', 'organization'])
    assert.deepEqual(of('config', 'set', 'profile', ''), [])
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
    assert.equal(commands, 'list use create rename leave delete members invite roles help')
    assert.equal(afterEvil, '--quiet')
    assert.ok(!existsSync(evil))
  })
})
