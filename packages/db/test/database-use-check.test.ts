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
      missingIndexes: [],
      invalidIndexes: [],
      connections: 97,
      queueUsage: 0,
      isReserveReleased: false,
    }
    const unwell = (changed: Partial<UseFacts>) =>
      evaluateDatabaseUse({ ...facts, ...changed }, 24)
        .filter(({ severity }) => severity !== 'ok')
        .map(({ check, severity }) => `${severity} ${check}`)
    assert.deepEqual(unwell({}), [])
    assert.deepEqual(unwell({ missingPrivileges: ['SELECT on users'] }), ['error privileges'])
    for (const more of [
      { isSuperuser: true },
      { isOwner: true },
      { canSkipTriggers: true },
      { excessPrivileges: ['TRUNCATE on users'] },
    ]) {
      assert.deepEqual(unwell(more), ['warning role'])
    }
    assert.deepEqual(unwell({ disabledTriggers: ['notify_change on users'] }), ['error triggers'])
    assert.deepEqual(unwell({ missingIndexes: ['CREATE INDEX CONCURRENTLY users_idx ON users (id)'] }), [
      'warning indexes',
    ])
    assert.deepEqual(unwell({ invalidIndexes: ['users_idx'] }), ['warning indexes'])
    assert.deepEqual(unwell({ connections: 23 }), ['warning connections'])
    assert.deepEqual(unwell({ queueUsage: 0.5 }), ['warning notifications'])
    assert.deepEqual(unwell({ queueUsage: 0.95 }), ['error notifications'])
    assert.deepEqual(unwell({ isReserveReleased: true }), ['error disk'])
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
        ['indexes', 'ok', 'every index exists and is valid'],
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

  it('ignores tables, triggers and indexes of other programs', async (t) => {
    const { url, database, serverUrls } = await testDatabase(t)
    await migrate(url, { roles: SERVER_ROLES })
    await database.$client.unsafe(`CREATE TABLE others (id int); CREATE INDEX others_idx ON others (id);
      GRANT ALL ON others TO ${SERVER_ROLES.api}; ALTER TABLE others OWNER TO ${SERVER_ROLES.api};
      CREATE TRIGGER other BEFORE UPDATE ON others FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
      ALTER TABLE others DISABLE TRIGGER other; CREATE SCHEMA reports; CREATE TABLE reports.users (id int)`)
    await database.$client`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'others_idx'::regclass`
    const own = connect(serverUrls.api, { max: 1 })
    t.after(() => own.$client.end({ timeout: 1 }))
    const findings = await checkDatabaseUse(own, 12, ['api'])
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== 'ok'),
      [],
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

describe('two roles of one server', () => {
  it('both have its privileges, so that a password is replaced without downtime; the first can be dropped', async (t) => {
    const { url, asAdministrator } = await testDatabase(t)
    const roles = ['first', 'second'].map((name) => `${name}_${randomBytes(4).toString('hex')}`)
    const connections: Database[] = []
    for (const role of roles) {
      await asAdministrator((sql) => sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`))
      t.after(() => asAdministrator((sql) => sql.unsafe(`DROP ROLE IF EXISTS ${role}`)))
      await migrate(url, { roles: { api: role } })
      const its = new URL(url)
      its.username = role
      its.password = role
      const own = connect(its.href, { max: 1 })
      t.after(() => own.$client.end({ timeout: 1 }))
      connections.push(own)
    }
    const unwell = async (own: Database | undefined) =>
      own && (await checkDatabaseUse(own, 12, ['api'])).filter(({ severity }) => severity !== 'ok')
    assert.deepEqual(await Promise.all(connections.map(unwell)), [[], []])
    await connections[0]?.$client.end({ timeout: 1 })
    const owner = connect(url, { max: 1 })
    t.after(() => owner.$client.end({ timeout: 1 }))
    await owner.$client.unsafe(`DROP OWNED BY ${roles[0]}; DROP ROLE ${roles[0]}`)
    assert.deepEqual(await unwell(connections[1]), [])
  })
})
