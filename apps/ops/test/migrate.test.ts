import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { connect } from '@daytona-auth/db/core'
import { isMigrated } from '@daytona-auth/db/operations'
import { SERVER_ROLES, testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('daytona-auth migrate', () => {
  it('applies each migration once, also with concurrent runs, and prints which', async (t) => {
    const { url, database } = await testDatabase(t, { isMigrated: false })
    const env = { DATABASE_URL: url }
    const both = await Promise.all([
      daytonaAuth(['migrate', '-f', 'json'], { env }),
      daytonaAuth(['migrate', '-f', 'json'], { env }),
    ])
    assert.equal(await isMigrated(database), true)
    const applied = both.map(({ stdout }) => JSON.parse(stdout).applied as string[])
    assert.deepEqual(
      both.map(({ exitCode }) => exitCode),
      [0, 0],
    )
    assert.deepEqual(applied.map((names) => names.length > 0).toSorted(), [false, true])
    assert.equal(applied.flat()[0], '0000_init')
  })

  it('reads the URL from a file, and changes nothing if nothing is missing', async (t) => {
    const { url } = await testDatabase(t)
    const file = `${await temporaryDirectory(t)}/database-url`
    await writeFile(file, `${url}\n`)
    assert.deepEqual(await daytonaAuth(['migrate'], { env: { DATABASE_URL_FILE: file } }), {
      exitCode: 0,
      stdout: 'nothing to apply: the schema is the newest\n',
      stderr: '',
    })
  })

  it('grants the roles of the servers their privileges, and refuses a role that does not exist', async (t) => {
    const { url, serverUrls, database } = await testDatabase(t, { isMigrated: false })
    const missing = await daytonaAuth(['migrate'], { env: { DATABASE_URL: url, API_DATABASE_ROLE: 'absent_role' } })
    assert.deepEqual(missing, {
      exitCode: 2,
      stdout: '',
      stderr: 'the database has no role absent_role: create it (CREATE ROLE … LOGIN PASSWORD …)\n',
    })
    assert.equal(await isMigrated(database), false)
    const roles = { API_DATABASE_ROLE: SERVER_ROLES.api, PROVIDER_DATABASE_ROLE: SERVER_ROLES.provider }
    assert.equal((await daytonaAuth(['migrate'], { env: { DATABASE_URL: url, ...roles } })).exitCode, 0)
    for (const [server, table] of [
      ['api', 'sandboxes'],
      ['provider', 'user_credentials'],
    ] as const) {
      const own = connect(serverUrls[server], { max: 1 })
      t.after(() => own.$client.end({ timeout: 1 }))
      assert.equal(await isMigrated(own), true)
      assert.deepEqual([...(await own.$client`SELECT FROM ${own.$client(table)}`)], [])
    }
    // With the user of a server, which owns nothing, the command applies nothing and succeeds.
    assert.deepEqual(await daytonaAuth(['migrate'], { env: { DATABASE_URL: serverUrls.api } }), {
      exitCode: 0,
      stdout: 'nothing to apply: the schema is the newest\n',
      stderr: '',
    })
  })

  it('changes nothing in a read-only database', async (t) => {
    const { url, name, database, asAdministrator } = await testDatabase(t, { isMigrated: false })
    await asAdministrator((sql) => sql.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`))
    assert.deepEqual(await daytonaAuth(['migrate'], { env: { DATABASE_URL: url } }), {
      exitCode: 2,
      stdout: '',
      stderr:
        'the database of DATABASE_URL is read-only: switch default_transaction_read_only off for its server, database and user\n',
    })
    assert.equal(await isMigrated(database), false)
  })
})
