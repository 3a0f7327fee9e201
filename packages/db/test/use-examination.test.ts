import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { connect } from '../src/client.ts'
import { examineUse, judgeUse, type UseFacts } from '../src/use-examination.ts'

describe('what a database lets its user do', () => {
  it('is judged by what is missing, switched off and too few', () => {
    const facts: UseFacts = {
      missingPrivileges: [],
      isSuperuser: false,
      disabledTriggers: [],
      connections: 97,
      queueUsage: 0,
    }
    const severities = (changed: Partial<UseFacts>) =>
      judgeUse({ ...facts, ...changed }, 24).map(({ severity }) => severity)
    assert.deepEqual(severities({}), ['ok', 'ok', 'ok', 'ok'])
    assert.deepEqual(severities({ missingPrivileges: ['SELECT on users'] }), ['error', 'ok', 'ok', 'ok'])
    assert.deepEqual(severities({ isSuperuser: true }), ['warning', 'ok', 'ok', 'ok'])
    assert.deepEqual(severities({ disabledTriggers: ['notify_change on users'] }), ['ok', 'error', 'ok', 'ok'])
    assert.deepEqual(severities({ connections: 23 }), ['ok', 'ok', 'warning', 'ok'])
    assert.deepEqual(severities({ queueUsage: 0.5 }), ['ok', 'ok', 'ok', 'warning'])
    assert.deepEqual(severities({ queueUsage: 0.95 }), ['ok', 'ok', 'ok', 'error'])
  })

  it('is read from a real one', async (t) => {
    const { url, database, asAdministrator } = await testDatabase(t)
    const role = `role_${randomBytes(4).toString('hex')}`
    await asAdministrator((sql) => sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'p' CONNECTION LIMIT 7`))
    t.after(() => asAdministrator((sql) => sql.unsafe(`DROP ROLE ${role}`)))
    await database.$client.unsafe(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
      REVOKE UPDATE, DELETE ON audit_events, audit_anchors FROM ${role}; REVOKE INSERT ON api_keys FROM ${role}`)
    await database.$client`ALTER TABLE users DISABLE TRIGGER notify_change`
    const its = new URL(url)
    its.username = role
    its.password = 'p'
    const restricted = connect(its.href, { max: 1 })
    t.after(() => restricted.$client.end())
    assert.deepEqual(
      (await examineUse(restricted, 12)).map(({ check, severity, what }) => [check, severity, what]),
      [
        ['privileges', 'error', 'the user of DATABASE_URL lacks INSERT on api_keys'],
        [
          'triggers',
          'error',
          'triggers are off, on which revocation and the audit trail depend: notify_change on users',
        ],
        [
          'connections',
          'warning',
          'the database of DATABASE_URL lets in 7 connections, and one process of each server takes up to 12',
        ],
        ['notifications', 'ok', 'the NOTIFY queue of the database of DATABASE_URL is 0 % full'],
      ],
    )
    assert.equal((await examineUse(database, 12))[0]?.severity, 'warning')
  })
})
