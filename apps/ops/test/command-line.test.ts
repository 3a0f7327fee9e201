import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import packageJson from '../package.json' with { type: 'json' }
import { daytonaAuth } from './command.ts'

describe('daytona-auth', () => {
  for (const [what, argv] of [
    ['an unknown command', ['migrat']],
    ['an unknown option', ['migrate', '--force']],
    ['an argument too many', ['migrate', 'postgres://user:hunter2@db/daytona']],
    ['an unknown format', ['-f', 'xml', 'migrate']],
  ] as const) {
    it(`exits with 2 for ${what}, with a line on standard error, and does nothing`, async () => {
      const { exitCode, stdout, stderr } = await daytonaAuth(argv)
      assert.equal(exitCode, 2)
      assert.equal(stdout, '')
      assert.match(stderr, /^error: .+\n/)
    })
  }

  for (const [what, env, line] of [
    [
      'missing',
      {},
      'invalid environment: DATABASE_URL is required, such as postgres://user:password@host:5432/database\n',
    ],
    [
      'not one',
      { DATABASE_URL: 'hunter2' },
      'invalid environment: DATABASE_URL must be a URL such as postgres://user:password@host:5432/database\n',
    ],
    [
      'a file that is not there',
      { DATABASE_URL_FILE: '/nowhere' },
      'invalid environment: DATABASE_URL_FILE cannot be read (ENOENT): name a file that this user may read\n',
    ],
  ] as const) {
    it(`exits with 2 for a database URL that is ${what}, with one line that does not repeat it`, async () => {
      const ended = await daytonaAuth(['migrate'], { env })
      assert.deepEqual(ended, { exitCode: 2, stdout: '', stderr: line })
    })
  }

  it('exits with 2 for an unreachable database, with what to do', async () => {
    const env = { DATABASE_URL: `postgres://user:hunter2@127.0.0.1:${await freePort()}/daytona`, DATABASE_WAIT: '0s' }
    assert.deepEqual(await daytonaAuth(['migrate'], { env }), {
      exitCode: 2,
      stdout: '',
      stderr: 'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right\n',
    })
  })

  for (const [command, option] of [
    ['migrate', '--format'],
    ['create-owner', '--password-file'],
    ['client create', '--first-party'],
    ['client list', '--format'],
    ['client delete', '<client-id>'],
    ['signing-keys list', '--format'],
    ['signing-keys rotate', '--at-once'],
    ['signing-keys reencrypt', '--format'],
    ['audit verify', '[organization-id]'],
    ['audit export', '[organization-id]'],
  ] as const) {
    it(`prints the help of ${command} without a configuration`, async () => {
      const { exitCode, stdout, stderr } = await daytonaAuth([...command.split(' '), '--help'])
      assert.deepEqual([exitCode, stderr], [0, ''])
      assert.ok(stdout.startsWith(`Usage: daytona-auth ${command} `) && stdout.includes(option), stdout)
    })
  }

  it('prints its help and its version', async () => {
    const help = await daytonaAuth(['--help'])
    assert.equal(help.exitCode, 0)
    assert.match(help.stdout, /^Usage: daytona-auth/)
    for (const command of ['migrate', 'create-owner', 'client', 'signing-keys', 'audit', 'config', 'doctor'])
      assert.match(help.stdout, new RegExp(`^  ${command}\\b`, 'm'))
    assert.match(help.stdout, /^Exit codes: 0 /m)
    assert.deepEqual(await daytonaAuth(['--version']), { exitCode: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })
})
