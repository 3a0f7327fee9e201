import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { listAuditEvents, verifyAuditChain } from '@daytona-auth/db/audit'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { createOwner } from '@daytona-auth/db/operations'
import { testDatabase } from '@daytona-auth/testing'
import { daytonaAuth } from './command.ts'

const { url, database } = await testDatabase({ after })
const quota = (...argv: string[]) => daytonaAuth(['organization', 'quota', ...argv], { env: { DATABASE_URL: url } })

let count = 0
async function createOrganization(): Promise<OrganizationId> {
  count += 1
  const id = newId('org')
  const owner = { name: 'Ada', email: `ada${count}@example.com`, passwordHash: 'a hash', emailVerified: false }
  assert.ok(await createOwner(database, { owner, organization: { id, name: 'Engines' } }, 'test'))
  return id
}

describe('daytona-auth organization quota denies', () => {
  it('an organization that does not exist, with exit code 1', async () => {
    for (const argv of [['list'], ['set', 'volumes', '1'], ['remove', 'volumes']]) {
      for (const id of ['org_unknown', '@', 'x'.repeat(100_000)]) {
        const [command = '', ...rest] = argv
        const ended = await quota(command, id, ...rest)
        assert.deepEqual([ended.exitCode, ended.stdout], [1, ''])
        assert.equal(ended.stderr, `there is no organization ${JSON.stringify(id.slice(0, 128))}\n`)
      }
    }
  })

  it('unknown resources and maximums that are no whole numbers, with exit code 2, and changes nothing', async () => {
    const id = await createOrganization()
    for (const [resource, maximum] of [
      ['users', '1'],
      ['volumes', '-1'],
      ['volumes', '1.5'],
      ['volumes', '1e3'],
      ['volumes', ''],
      ['volumes', '1000000001'],
      ['volumes', '99999999999'],
    ] as const) {
      assert.equal((await quota('set', '--', id, resource, maximum)).exitCode, 2, `${resource} ${maximum}`)
    }
    assert.equal((await quota('set', id, 'volumes', '1', '--reason', '')).exitCode, 2)
    assert.equal((await quota('list', id)).stdout, `${id} has no quotas\n`)
  })

  it('to remove a quota that there is not, with exit code 1', async () => {
    const id = await createOrganization()
    const ended = await quota('remove', id, 'volumes')
    assert.deepEqual([ended.exitCode, ended.stderr], [1, `${id} has no quota of volumes: nothing was changed\n`])
  })
})

describe('daytona-auth organization quota', () => {
  it('sets, lists and removes quotas, and records each change with its reason', async () => {
    const id = await createOrganization()
    assert.equal((await quota('set', id, 'volumes', '1000')).stdout, `${id} may have 1,000 volumes\n`)
    const changed = await quota('set', id, 'volumes', '1', '--reason', 'ticket 7')
    assert.equal(changed.stdout, `${id} may have 1 volume, before 1,000\n`)
    await quota('set', id, 'members', '5')
    assert.equal((await quota('list', id)).stdout, 'members  1 of 5 members\nvolumes  0 of 1 volume\n')
    const json = await daytonaAuth(['-f', 'json', 'organization', 'quota', 'list', id], { env: { DATABASE_URL: url } })
    assert.deepEqual(JSON.parse(json.stdout), {
      organizationId: id,
      quotas: [
        { resource: 'members', maximum: 5, used: 1 },
        { resource: 'volumes', maximum: 1, used: 0 },
      ],
    })
    await quota('remove', id, 'members', '--reason', 'ticket 8')
    assert.equal((await quota('list', id)).stdout, 'volumes  0 of 1 volume\n')

    const { rows } = await listAuditEvents(database, id, {}, { limit: 50 })
    const events = rows.filter(({ action }) => action.includes('quota'))
    assert.deepEqual(events.map(({ action, targetId, metadata }) => [action, targetId, metadata]).toReversed(), [
      ['organization.set_quota', id, { resource: 'volumes', before: null, maximum: 1000 }],
      ['organization.set_quota', id, { resource: 'volumes', before: 1000, maximum: 1, reason: 'ticket 7' }],
      ['organization.set_quota', id, { resource: 'members', before: null, maximum: 5 }],
      ['organization.remove_quota', id, { resource: 'members', before: 5, reason: 'ticket 8' }],
    ])
    assert.equal((await verifyAuditChain(database, id)).brokenAt, null)
  })
})
