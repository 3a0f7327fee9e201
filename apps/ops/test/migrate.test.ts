import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { isMigrated } from '@daytona-auth/db'
import { testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('daytona-auth migrate', () => {
  it('applies each migration once, whoever else does so at the same time, and says which', async (t) => {
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

  it('reads the URL from a file, and is a no-op where nothing is missing', async (t) => {
    const { url } = await testDatabase(t)
    const file = `${await temporaryDirectory(t)}/database-url`
    await writeFile(file, `${url}\n`)
    assert.deepEqual(await daytonaAuth(['migrate'], { env: { DATABASE_URL_FILE: file } }), {
      exitCode: 0,
      stdout: 'nothing to apply: the schema is the newest\n',
      stderr: '',
    })
  })

  it('changes nothing in a database that is not one to work on', async (t) => {
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
