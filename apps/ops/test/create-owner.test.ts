import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import { passwordHasher } from '@daytona-auth/accounts/password-hashing'
import { DEPLOYMENT, listAuditEvents, verifyAuditChain } from '@daytona-auth/db/audit'
import type { OrganizationId } from '@daytona-auth/db/core'
import { hasUsers } from '@daytona-auth/db/operations'
import { findAccountByEmail, listUserOrganizations } from '@daytona-auth/db/users'
import { testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const PASSWORD = 'violin harbor teacup 7'
const ADA = ['--email', 'ada@example.com', '--name', 'Ada Lovelace']
const FROM_STDIN = ['--password-file', '-']

describe('daytona-auth create-owner', () => {
  let empty: Awaited<ReturnType<typeof testDatabase>>
  before(async () => {
    empty = await testDatabase()
  })

  const EMAIL = '--email: Enter an email address, like name@example.com.'
  const NAME = '--name: Enter your name, in at most 128 characters.'
  const SHORT = '--password-file: Use at least 12 characters.'
  const COMMON = '--password-file: This password is too easy to guess. A few unrelated words work well.'
  const cases: [
    what: string,
    argv: string[],
    given: { input?: string | Uint8Array; isTerminal?: boolean },
    said: RegExp | string,
  ][] = [
    ['no address', ['--name', 'Ada'], {}, /^error: required option '--email <address>' not specified\n/],
    ['no name', ['--email', 'ada@example.com'], {}, /^error: required option '--name <name>' not specified\n/],
    ['a password as an argument', [...ADA, '--password', PASSWORD], {}, /^error: unknown option '--password'\n/],
    ['an invalid address', ['--email', 'ada', '--name', 'Ada'], {}, `${EMAIL}\n`],
    [
      'a name of several lines',
      ['--email', 'ada@example.com', '--name', 'Ada\nLovelace'],
      {},
      '--name: Your name must not have control, invisible or text direction characters.\n',
    ],
    ['no password', [...ADA, ...FROM_STDIN], {}, `${SHORT}\n`],
    ['a short password', [...ADA, ...FROM_STDIN], { input: 'Gx7pQ2mZ9vL\n' }, `${SHORT}\n`],
    ['a common password', [...ADA, ...FROM_STDIN], { input: 'password1234\n' }, `${COMMON}\n`],
    [
      'a password that is no text',
      [...ADA, ...FROM_STDIN],
      { input: new Uint8Array(20).fill(0xff) },
      /^--password-file must hold one line of text in UTF-8/,
    ],
    ['several lines', [...ADA, ...FROM_STDIN], { input: `${PASSWORD}\n${PASSWORD}\n` }, /must hold one line of text/],
    [
      'a password as long as a book',
      [...ADA, ...FROM_STDIN],
      { input: 'x'.repeat(9000) },
      /more than 8192 bytes: name a file that has only a password\n$/,
    ],
    [
      'a password that the terminal would show',
      [...ADA, ...FROM_STDIN],
      { isTerminal: true },
      /^standard input is a terminal, which would show/,
    ],
    [
      'a password file that is not there',
      [...ADA, '--password-file', '/nowhere'],
      {},
      '--password-file cannot be read (ENOENT): name a file that this user may read\n',
    ],
    ['an organization without a name', [...ADA, '--organization', ' '], {}, '--organization: must not be empty\n'],
    [
      'all of that at once',
      ['--email', '@', '--name', '', '--organization', 'a\0b', ...FROM_STDIN],
      {},
      `${NAME} ${EMAIL} ${SHORT} --organization: must not have control, invisible or text direction characters\n`,
    ],
  ]
  for (const [what, argv, given, said] of cases) {
    it(`creates nothing with ${what}, and exits with 2`, async () => {
      const ended = await daytonaAuth(['create-owner', ...argv], { env: { DATABASE_URL: empty.url }, ...given })
      assert.deepEqual([ended.exitCode, ended.stdout], [2, ''])
      if (typeof said === 'string') assert.equal(ended.stderr, said)
      else assert.match(ended.stderr, said)
      assert.doesNotMatch(ended.stderr, /violin|password1234|Gx7p/)
      assert.equal(await hasUsers(empty.database), false)
    })
  }

  it('creates an account that its owner can sign in to, with both organizations, and shows the password once', async (t) => {
    const { url, database } = await testDatabase(t)
    const env = { DATABASE_URL: url }
    const argv = ['create-owner', '--email', ' Ada@Example.com ', '--name', 'Ada Lovelace', '--organization', 'Acme']
    const ended = await daytonaAuth([...argv, '-f', 'json'], { env })
    assert.deepEqual([ended.exitCode, ended.stderr], [0, ''])
    const { password, ...made } = JSON.parse(ended.stdout)
    const account = await findAccountByEmail(database, 'ada@example.com')
    assert.ok(account)
    assert.deepEqual(made, {
      userId: account.userId,
      email: 'ada@example.com',
      personalOrganizationId: account.personalOrganizationId,
      organizationId: made.organizationId,
    })
    assert.deepEqual([account.name, account.disabledAt], ['Ada Lovelace', null])
    assert.equal(await passwordHasher().verify(account.passwordHash ?? '', password), true)
    assert.deepEqual(await listUserOrganizations(database, account.userId), [
      { id: account.personalOrganizationId, name: 'Personal', personal: true, requireSecondFactor: false },
      { id: made.organizationId, name: 'Acme', personal: false, requireSecondFactor: false },
    ])
    const [user] = await database.$client`SELECT email_verified FROM users`
    assert.equal(user?.['email_verified'], true)

    const eventsOf = async (organizationId: OrganizationId) =>
      (await listAuditEvents(database, organizationId, {}, { limit: 10 })).rows.map(
        ({ action, targetId, actorId, source }) => ({ action, targetId, actorId, source }),
      )
    const actor = { actorId: account.userId, source: 'operations' }
    assert.deepEqual(await eventsOf(account.personalOrganizationId), [
      { action: 'user.create', targetId: account.userId, ...actor },
    ])
    assert.deepEqual(await eventsOf(made.organizationId), [
      { action: 'organization.create', targetId: made.organizationId, ...actor },
    ])
    assert.deepEqual(await eventsOf(DEPLOYMENT), [])
    assert.equal((await verifyAuditChain(database, made.organizationId)).brokenAt, null)

    // Again, in another case.
    const again = await daytonaAuth([...argv, '--organization', 'Other'], { env })
    assert.deepEqual(again, {
      exitCode: 1,
      stdout: '',
      stderr: 'there is an account with the address ada@example.com already: nothing was changed\n',
    })
    assert.equal((await listUserOrganizations(database, account.userId)).length, 2)
  })

  it('takes the password from a file or standard input, and does not repeat it', async (t) => {
    const { url, database } = await testDatabase(t)
    const file = `${await temporaryDirectory(t)}/password`
    await writeFile(file, `${PASSWORD}\r\n`)
    for (const [email, path] of [
      ['file@example.com', file],
      ['stdin@example.com', '-'],
    ] as const) {
      const argv = ['create-owner', '--email', email, '--name', 'Ada', '--password-file', path]
      const ended = await daytonaAuth(argv, { env: { DATABASE_URL: url }, input: `${PASSWORD}\n` })
      const account = await findAccountByEmail(database, email)
      assert.deepEqual(ended, {
        exitCode: 0,
        stdout: `created the account ${email} (${account?.userId})\nits personal organization is ${account?.personalOrganizationId}\n`,
        stderr: '',
      })
      assert.equal(await passwordHasher().verify(account?.passwordHash ?? '', PASSWORD), true)
    }
  })

  it('creates one account with two concurrent commands', async (t) => {
    const { url, database } = await testDatabase(t)
    const argv = ['create-owner', ...ADA, '--organization', 'Acme']
    const both = await Promise.all([1, 2].map(() => daytonaAuth(argv, { env: { DATABASE_URL: url } })))
    assert.deepEqual(both.map(({ exitCode }) => exitCode).toSorted(), [0, 1])
    const [count] = await database.$client`SELECT count(*)::int AS all FROM organizations`
    assert.equal(count?.['all'], 2)
  })
})
