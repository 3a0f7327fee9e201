import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { DEPLOYMENT, listAuditEvents } from '@daytona-auth/db/audit'
import { testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'

describe('daytona-auth registration-token', () => {
  let made: Awaited<ReturnType<typeof testDatabase>>
  before(async () => {
    made = await testDatabase()
  })
  const run = (...args: string[]) =>
    daytonaAuth(['registration-token', ...args, '--format', 'json'], { env: { DATABASE_URL: made.url } })

  for (const [what, args] of Object.entries({
    'without a name': ['create'],
    'with an empty name': ['create', '--name', ''],
    'with no use': ['create', '--name', 'x', '--uses', '0'],
    'with too many uses': ['create', '--name', 'x', '--uses', '10001'],
    'with half a day': ['create', '--name', 'x', '--days', '0.5'],
  })) {
    it(`creates none ${what}`, async () => {
      assert.equal((await run(...args)).exitCode, 2)
      assert.deepEqual(JSON.parse((await run('list')).stdout), { tokens: [] })
    })
  }

  it('revokes none that does not exist', async () => {
    assert.equal((await run('revoke', 'iat_unknown')).exitCode, 1)
  })

  it('creates one that is shown once, lists it masked, and revokes it, with audit events', async () => {
    const { token, ...shown } = JSON.parse((await run('create', '--name', 'CI', '--uses', '5')).stdout)
    assert.match(token, /^[\w-]{43}$/)
    assert.deepEqual([shown.name, shown.uses, shown.maxUses], ['CI', 0, 5])
    const listed = await run('list')
    assert.deepEqual(JSON.parse(listed.stdout), { tokens: [shown] })
    assert.equal(listed.stdout.includes(token), false)
    const [row] = await made.database.$client`SELECT * FROM initial_access_tokens`
    assert.equal(JSON.stringify(row).includes(token), false)
    assert.equal((await run('revoke', shown.tokenId)).exitCode, 0)
    assert.deepEqual(JSON.parse((await run('list')).stdout), { tokens: [] })
    const { rows } = await listAuditEvents(made.database, DEPLOYMENT, {}, { limit: 10 })
    assert.deepEqual(
      rows.map(({ action }) => action),
      ['initial_access_token.delete', 'initial_access_token.create'],
    )
  })
})
