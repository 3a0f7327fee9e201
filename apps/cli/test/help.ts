import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import type { Command } from '@commander-js/extra-typings'
import stringWidth from 'string-width'
import { splitShellLine } from '../src/completion/shell-line.ts'
import { examplesOf } from '../src/examples.ts'
import { createProgram } from '../src/program.ts'
import { createHome } from './fixtures.ts'

const home = createHome()

/** Lists every command of the table with its path. */
function listCommands(command: Command, path: string[] = []): { path: string[]; command: Command }[] {
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help')
  return visible.flatMap((child) => {
    const childPath = [...path, child.name()]
    return [{ path: childPath, command: child as Command }, ...listCommands(child as Command, childPath)]
  })
}

const { stdin, stdout, stderr } = process

/** Parses a command line without running the command. */
async function parseOnly(words: readonly string[], path: readonly string[]): Promise<void> {
  let errors = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      errors += String(chunk)
      done()
    },
  })
  const program = createProgram({ stdin, stdout: sink, stderr: sink, env: {}, now: Date.now })
  let hasRun = false
  const found = listCommands(program).find((one) => one.path.join(' ') === path.join(' '))
  found?.command.action(() => {
    hasRun = true
  })
  await program
    .parseAsync(words, { from: 'user' })
    .catch((error) => assert.fail(`${words.join(' ')}: ${errors}${error}`))
  assert.ok(hasRun, words.join(' '))
}

const all = listCommands(createProgram({ stdin, stdout, stderr, env: {}, now: Date.now }))

describe('--help', () => {
  it('exists for these commands', () => {
    const leaves = all.filter(({ command }) => command.commands.length === 0).map(({ path }) => path.join(' '))
    assert.deepEqual(leaves, [
      'login',
      'logout',
      'whoami',
      ...['status', 'token'].map((name) => `auth ${name}`),
      ...[
        'create',
        'list',
        'get',
        'current',
        'update',
        'rotate',
        'end-previous-secrets',
        'delete',
        'usage',
        'check',
      ].map((name) => `api-key ${name}`),
      ...['list', 'use', 'create', 'rename', 'require-second-factor', 'leave', 'delete'].map(
        (name) => `organization ${name}`,
      ),
      ...['members', 'quotas', 'invite', 'roles'].map((name) => `organization ${name}`),
      ...['list', 'update', 'remove'].map((name) => `member ${name}`),
      ...['list', 'create', 'accept', 'decline', 'cancel', 'resend'].map((name) => `invitation ${name}`),
      ...['list', 'create', 'update', 'delete'].map((name) => `role ${name}`),
      ...['create', 'list', 'get', 'update', 'users', 'denials'].map((name) => `app ${name}`),
      ...['create', 'list', 'delete'].map((name) => `app secret ${name}`),
      ...['rotate-secret', 'delete'].map((name) => `app ${name}`),
      ...['create', 'list', 'get', 'update', 'delete'].map((name) => `resource-server ${name}`),
      ...['list', 'requests', 'approve', 'block', 'decline', 'delete', 'policy'].map((name) => `app-access ${name}`),
      ...['add', 'list', 'verify', 'delete'].map((name) => `domain ${name}`),
      ...['get', 'set', 'update', 'provisioning', 'provision', 'delete'].map((name) => `identity-provider ${name}`),
      ...['list', 'tail', 'export', 'verify'].map((name) => `audit ${name}`),
      ...['list', 'delete'].map((name) => `session ${name}`),
      ...['list', 'delete'].map((name) => `authorized-app ${name}`),
      'api',
      ...['list', 'get', 'set', 'unset', 'delete', 'path'].map((name) => `config ${name}`),
      'completion',
    ])
  })

  for (const { path, command } of all) {
    it(`daytona ${path.join(' ')} --help describes the command, its arguments and options`, async () => {
      const { code, stdout, stderr } = await home.daytona([...path, '--help'])
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(
        stdout,
        new RegExp(`^Examples:\\n(?:  daytona .*\\n)+\\nUsage: daytona ${path.slice(0, -1).join(' ')}.*${path.at(-1)}`),
      )
      for (const option of command.options) assert.ok(stdout.includes(String(option.long)), String(option.long))
      for (const { description } of command.registeredArguments) assert.ok(description)
      assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(command.description()), stdout)
      assert.ok(!stdout.includes('\u001b'), 'colours without a terminal')
    })
  }

  for (const { path, command } of all.filter(({ command }) => command.commands.length === 0)) {
    it(`daytona ${path.join(' ')} --help begins with examples, which are valid command lines`, async () => {
      const examples = examplesOf(command)
      assert.ok(examples.length > 0)
      for (const example of examples) {
        const [program, ...words] = splitShellLine(example).words
        assert.equal(program, 'daytona')
        assert.deepEqual(words.slice(0, path.length), path, 'an example of another command')
        await parseOnly(words, path)
      }
    })
  }

  it('begins with examples for the program too', async () => {
    const { code, stdout } = await home.daytona(['--help'])
    assert.equal(code, 0)
    assert.match(stdout, /^Examples:\n {2}daytona login .*\n(?: {2}daytona .*\n)+\nUsage: daytona /)
  })

  it('fits a terminal of 80 columns', () => {
    for (const { command } of all) {
      command.configureOutput({ getOutHelpWidth: () => 80 })
      const lines = command.helpInformation().split('\n')
      assert.deepEqual(
        lines.filter((line) => stringWidth(line) > 80),
        [],
      )
    }
  })

  it('prints the version', async () => {
    const { code, stdout } = await home.daytona(['--version'])
    assert.deepEqual([code, stdout], [0, '0.1.0\n'])
  })
})
