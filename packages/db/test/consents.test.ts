import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import {
  createUser,
  findConsent,
  inAudit,
  newId,
  type OrganizationId,
  rememberConsent,
  systemAuthority,
} from '../src/index.ts'

const TEST_AUTHORITY = systemAuthority('test')

const { database } = await testDatabase({ after })
const user = await createUser(database, { email: 'a@example.com', name: 'A', passwordHash: 'x' }, { source: 'test' })
if (!user) throw new Error('the address is taken')
const { userId, organizationId } = user

const answer = (requested: string[], granted: string[], organizationIds: OrganizationId[]) =>
  inAudit(
    database,
    TEST_AUTHORITY,
    { organizationId, actorId: userId, actorEmail: null, action: 'consent.allow', source: 'test' },
    (tx) => rememberConsent(tx, { userId, clientId: 'app', requested, granted, organizationIds }),
  )
const remembered = async () => {
  const consent = await findConsent(database, userId, 'app')
  return consent && { ...consent, scopes: consent.scopes.toSorted() }
}

describe('a remembered consent', () => {
  it('is none before the first answer', async () => {
    assert.equal(await remembered(), undefined)
  })

  it('grows by what is granted, and keeps what was not asked about this time', async () => {
    await answer(['openid', 'email'], ['openid', 'email'], [organizationId])
    await answer(['openid', 'read:sandboxes'], ['openid', 'read:sandboxes'], [organizationId])
    assert.deepEqual(await remembered(), {
      scopes: ['email', 'openid', 'read:sandboxes'],
      organizationIds: [organizationId],
    })
  })

  it('loses what was asked about and left out', async () => {
    await answer(['openid', 'email', 'profile'], ['openid'], [organizationId])
    assert.deepEqual((await remembered())?.scopes, ['openid', 'read:sandboxes'])
  })

  it('has the organizations of the last answer, each once', async () => {
    const [one, other] = [newId('org'), newId('org')]
    await answer(['openid'], ['openid'], [one, other, one])
    assert.deepEqual((await remembered())?.organizationIds.toSorted(), [one, other].toSorted())
    await answer(['openid'], ['openid'], [])
    assert.deepEqual((await remembered())?.organizationIds, [])
  })

  it('is of one app and one person', async () => {
    assert.equal(await findConsent(database, userId, 'another'), undefined)
  })
})
