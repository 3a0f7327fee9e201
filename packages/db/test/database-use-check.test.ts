import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { SERVER_ROLES, testDatabase } from '@daytona-auth/testing'
import { connect, type Database } from '../src/core/client.ts'
import { checkDatabaseUse, evaluateDatabaseUse, type UseFacts } from '../src/operations/database-use-check.ts'
import { migrate } from '../src/operations/migrate.ts'
import { SERVER_KINDS } from '../src/operations/server-privileges.ts'

describe('what a database lets its user do', () => {
  it('is evaluated by missing privileges, disabled triggers and too few connections', () => {
    const facts: UseFacts = {
      missingPrivileges: [],
      isSuperuser: false,
      isOwner: false,
      canSkipTriggers: false,
      excessPrivileges: [],
      disabledTriggers: [],
      connections: 97,
      queueUsage: 0,
      isReserveReleased: false,
    }
    const severities = (changed: Partial<UseFacts>) =>
      evaluateDatabaseUse({ ...facts, ...changed }, 24).map(({ severity }) => severity)
    assert.deepEqual(severities({}), ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
    assert.deepEqual(severities({ missingPrivileges: ['SELECT on users'] }), ['error', 'ok', 'ok', 'ok', 'ok', 'ok'])
    for (const more of [
      { isSuperuser: true },
      { isOwner: true },
      { canSkipTriggers: true },
      { excessPrivileges: ['TRUNCATE on users'] },
    ]) {
      assert.deepEqual(severities(more), ['ok', 'warning', 'ok', 'ok', 'ok', 'ok'])
    }
    assert.deepEqual(severities({ disabledTriggers: ['notify_change on users'] }), [
      'ok',
      'ok',
      'error',
      'ok',
      'ok',
      'ok',
    ])
    assert.deepEqual(severities({ connections: 23 }), ['ok', 'ok', 'ok', 'warning', 'ok', 'ok'])
    assert.deepEqual(severities({ queueUsage: 0.5 }), ['ok', 'ok', 'ok', 'ok', 'warning', 'ok'])
    assert.deepEqual(severities({ queueUsage: 0.95 }), ['ok', 'ok', 'ok', 'ok', 'error', 'ok'])
    assert.deepEqual(severities({ isReserveReleased: true }), ['ok', 'ok', 'ok', 'ok', 'ok', 'error'])
  })

  it('is read from a real database', async (t) => {
    const { url, database, asAdministrator } = await testDatabase(t)
    const role = `role_${randomBytes(4).toString('hex')}`
    await asAdministrator((sql) => sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'p' CONNECTION LIMIT 7`))
    t.after(() => asAdministrator((sql) => sql.unsafe(`DROP ROLE ${role}`)))
    await migrate(url, { roles: { api: role, provider: role } })
    await database.$client.unsafe(`REVOKE INSERT ON api_keys FROM ${role}; REVOKE EXECUTE ON FUNCTION lock_authority FROM ${role};
      GRANT TRUNCATE ON audit_events TO ${role}; GRANT SELECT ON audit_events_default TO ${role}`)
    await database.$client`ALTER TABLE users DISABLE TRIGGER notify_change`
    const its = new URL(url)
    its.username = role
    its.password = 'p'
    const restricted = connect(its.href, { max: 1 })
    t.after(() => restricted.$client.end())
    assert.deepEqual(
      (await checkDatabaseUse(restricted, 12)).map(({ check, severity, what }) => [check, severity, what]),
      [
        ['privileges', 'error', 'the user of DATABASE_URL lacks INSERT on api_keys, EXECUTE on lock_authority'],
        [
          'role',
          'warning',
          'the user of DATABASE_URL has more than a server needs: TRUNCATE on audit_events, SELECT on audit_events_default',
        ],
        ['triggers', 'error', 'triggers that revocation and the audit trail need are disabled: notify_change on users'],
        [
          'connections',
          'warning',
          'the database of DATABASE_URL allows 7 connections, and one process of each server uses up to 12',
        ],
        ['notifications', 'ok', 'the NOTIFY queue of the database of DATABASE_URL is 0 % full'],
        ['disk', 'ok', 'the disk of the database has space'],
      ],
    )
    const roleOf = async (user: Database) =>
      (await checkDatabaseUse(user, 12)).find(({ check }) => check === 'role')?.what
    assert.equal(
      await roleOf(database),
      'the user of DATABASE_URL is a superuser, which neither triggers nor privileges restrict',
    )
    await asAdministrator((sql) => sql.unsafe(`GRANT SET ON PARAMETER session_replication_role TO ${role}`))
    assert.equal(
      await roleOf(restricted),
      'the user of DATABASE_URL can set session_replication_role, which disables triggers',
    )
    await asAdministrator((sql) => sql.unsafe(`REVOKE SET ON PARAMETER session_replication_role FROM ${role}`))
    await database.$client.unsafe(`ALTER TABLE volumes OWNER TO ${role}`)
    assert.equal(
      await roleOf(restricted),
      'the user of DATABASE_URL owns tables, so it can disable triggers and change the audit trail',
    )
  })

  it('reports nothing missing for a server whose role has the declared privileges', async (t) => {
    const { url, serverUrls } = await testDatabase(t)
    await migrate(url, { roles: SERVER_ROLES })
    for (const kind of SERVER_KINDS) {
      const own = connect(serverUrls[kind], { max: 1 })
      t.after(() => own.$client.end({ timeout: 1 }))
      const findings = await checkDatabaseUse(own, 12, [kind])
      assert.deepEqual(
        findings.filter(({ severity }) => severity !== 'ok'),
        [],
      )
      assert.equal((await checkDatabaseUse(own, 12))[0]?.severity, 'error')
    }
  })
})
