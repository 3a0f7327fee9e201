import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { inAudit, systemAuthority } from '../src/audit/index.ts'
import type { OrganizationId } from '../src/core/index.ts'
import { findConsent, saveConsent } from '../src/grants/index.ts'
import { createUser } from '../src/users/index.ts'
import { rowsOf } from './rows.ts'

const TEST_AUTHORITY = systemAuthority('test')

const { database } = await testDatabase({ after })
const user = await createUser(database, { email: 'a@example.com', name: 'A', passwordHash: 'x' }, { source: 'test' })
if (!user) throw new Error('the address is taken')
const { userId, organizationId: a } = user
const b = await rowsOf(database).organization(userId)

const answer = (
  scopes: string[],
  permissions: string[],
  organizationIds: OrganizationId[],
  { clientId = 'app', declined = [] }: { readonly clientId?: string; readonly declined?: string[] } = {},
) =>
  inAudit(
    database,
    TEST_AUTHORITY,
    { organizationId: a, actorId: userId, actorEmail: null, action: 'consent.allow', source: 'test' },
    (tx) => saveConsent(tx, { userId, clientId, scopes, permissions, organizationIds, declined }),
  )
const remembered = async (clientId = 'app') => {
  const consent = await findConsent(database, userId, clientId)
  return (
    consent && {
      scopes: consent.scopes,
      organizations: Object.fromEntries(consent.organizations.map(({ id, scopes }) => [id, scopes])),
    }
  )
}

describe('a saved consent', () => {
  it('does not exist before the first answer', async () => {
    assert.equal(await remembered(), undefined)
  })

  it('keeps the permissions of each organization apart', async () => {
    await answer(['openid', 'email'], ['admin:organization'], [a])
    await answer(['openid'], ['read:sandboxes'], [b])
    assert.deepEqual(await remembered(), {
      scopes: ['email', 'openid'],
      organizations: { [a]: ['admin:organization'], [b]: ['read:sandboxes'] },
    })
  })

  it('adds permissions in a chosen organization, and removes the answered ones from others', async () => {
    await answer(['openid'], ['read:sandboxes', 'write:sandboxes', 'read:sandboxes'], [a, a])
    assert.deepEqual((await remembered())?.organizations, {
      [a]: ['admin:organization', 'read:sandboxes', 'write:sandboxes'],
    })
    await answer(['openid'], ['write:sandboxes'], [b])
    assert.deepEqual((await remembered())?.organizations, {
      [a]: ['admin:organization', 'read:sandboxes'],
      [b]: ['write:sandboxes'],
    })
  })

  it('does not change organizations if the answer has identity scopes only', async () => {
    const { organizations } = (await remembered()) ?? {}
    await answer(['profile'], [], [a, b])
    assert.deepEqual(await remembered(), { scopes: ['email', 'openid', 'profile'], organizations })
  })

  it('loses the scopes that an answer leaves out, in every organization, and remembers them until they are chosen', async () => {
    const app = { clientId: 'choosy' }
    const all = ['read:sandboxes', 'write:sandboxes']
    await answer(['openid', 'email'], [...all, 'read:volumes'], [a, b], app)
    await answer(['openid'], ['read:sandboxes'], [a], { ...app, declined: ['email', 'write:sandboxes'] })
    const { declined } = (await findConsent(database, userId, 'choosy')) ?? assert.fail()
    assert.deepEqual(declined, ['email', 'write:sandboxes'])
    assert.deepEqual(await remembered('choosy'), {
      scopes: ['openid'],
      // The other organization was not chosen; its permission that this answer was not about stays.
      organizations: { [a]: ['read:sandboxes', 'read:volumes'], [b]: ['read:volumes'] },
    })
    await answer(['openid'], ['write:sandboxes'], [b], app)
    assert.deepEqual((await findConsent(database, userId, 'choosy'))?.declined, ['email'])
    await answer(['openid', 'email'], [], [], { ...app, declined: ['profile'] })
    assert.deepEqual((await findConsent(database, userId, 'choosy'))?.declined, ['profile'])
    assert.deepEqual(await remembered('choosy'), {
      scopes: ['email', 'openid'],
      organizations: { [a]: ['read:sandboxes', 'read:volumes'], [b]: ['read:volumes', 'write:sandboxes'] },
    })
  })

  it('applies to one app and one user', async () => {
    assert.equal(await findConsent(database, userId, 'another'), undefined)
  })
})
