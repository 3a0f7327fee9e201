import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { newId, type OrganizationId, type Queryable, type RoleId } from '../src/core/index.ts'
import {
  countInvitationsTo,
  findInvitation,
  findInvitationByToken,
  findInvitationTo,
  findOpenInvitation,
  insertInvitation,
  listInvitations,
  listInvitationsTo,
  redeemInvitationToken,
  renewInvitation,
  settleInvitation,
} from '../src/organizations/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, rolledBack, waits } = transactionsOn(database)
const inviter = await rows.user({ name: 'Inviter' })
const [home, other] = [await rows.organization(inviter, { name: 'Home' }), await rows.organization(inviter)]
const PAGE = { limit: 100 }
const HOUR_MS = 3_600_000

/** Inserts an invitation of an address that no other test uses. */
async function invite({
  organization = home,
  email = `${newId('evt')}@example.com`,
  role = 'member' as 'owner' | 'member',
  roleIds = [] as RoleId[],
  expiresInMs = HOUR_MS,
} = {}) {
  const [id, tokenDigest] = [newId('inv'), randomBytes(32)]
  const content = { role, roleIds, invitedBy: inviter, tokenDigest, expiresAt: new Date(Date.now() + expiresInMs) }
  await change((tx) => insertInvitation(tx, organization, id, { ...content, email }))
  return { id, email, tokenDigest, content, organization }
}
type Invitation = Awaited<ReturnType<typeof invite>>

/** Inserts a user with the invited address. */
async function invited({ email }: Pick<Invitation, 'email'>) {
  const user = await rows.user()
  await sql`UPDATE users SET email = ${email} WHERE id = ${user}`
  return user
}
const isVerified = async (user: string) => {
  const [row] = await sql`SELECT email_verified FROM users WHERE id = ${user}`
  return row?.['email_verified']
}
const settle = (invitation: Invitation, outcome: 'accepted' | 'declined' | 'cancelled', organization = home) =>
  change((tx) => settleInvitation(tx, organization, invitation.id, outcome))
const statusOf = async ({ id, organization }: Invitation) => (await findInvitation(database, organization, id))?.status

/** Every look-up that returns open invitations only: whether it finds this one. */
const OPEN: Record<string, (db: Queryable, invitation: Invitation) => Promise<boolean>> = {
  'the list of an address': async (db, { email, id }) =>
    (await listInvitationsTo(db, email, PAGE)).rows.some((row) => row.id === id),
  'the number of an address': async (db, { email }) => (await countInvitationsTo(db, email)) === 1,
  'its token': async (db, { tokenDigest, id }) => (await findInvitationByToken(db, tokenDigest))?.id === id,
  'its organization and address': (db, { organization, email, id }) =>
    // The caller of this one holds a lock; reading needs none.
    findOpenInvitation(db as Parameters<typeof findOpenInvitation>[0], organization, email).then(
      (row) => row?.id === id,
    ),
}

describe('an invitation', () => {
  it('is read with its roles, its inviter and its organization', async () => {
    const [b, a] = [await rows.role(home, [], 'B'), await rows.role(home, ['read:volumes'], 'A')]
    const invitation = await invite({ roleIds: [b, a, b] })
    const found = await findInvitation(database, home, invitation.id)
    assert.ok(found)
    const { createdAt, updatedAt, assignedRoles, ...stored } = found
    assert.deepEqual(stored, {
      id: invitation.id,
      organizationId: home,
      organizationName: 'Home',
      email: invitation.email,
      role: 'member',
      invitedBy: inviter,
      inviterEmail: `${inviter}@example.com`,
      inviterName: 'Inviter',
      status: 'pending',
      expiresAt: invitation.content.expiresAt,
      isExpired: false,
    })
    assert.deepEqual(updatedAt, createdAt)
    assert.deepEqual(
      assignedRoles.map(({ name, permissions }) => [name, permissions]),
      [
        ['A', ['read:volumes']],
        ['B', []],
      ],
    )
  })

  it('is found in its organization, or by its address, only', async () => {
    const invitation = await invite()
    assert.equal(await findInvitation(database, other, invitation.id), undefined)
    assert.equal(await findInvitation(database, home, newId('inv')), undefined)
    assert.equal(await findInvitationTo(database, 'eve@example.com', invitation.id), undefined)
    assert.equal((await findInvitationTo(database, invitation.email.toUpperCase(), invitation.id))?.id, invitation.id)
    assert.equal(await findInvitationByToken(database, randomBytes(32)), undefined)
    assert.equal(await change((tx) => findOpenInvitation(tx, other, invitation.email)), undefined)
  })

  it('is listed by its organization while it is pending, also expired, newest first', async () => {
    const organization = await rows.organization(inviter)
    const [first, expired, settled] = [
      await invite({ organization }),
      await invite({ organization, expiresInMs: -HOUR_MS }),
      await invite({ organization }),
    ]
    await settle(settled, 'declined', organization)
    const { rows: found } = await listInvitations(database, organization, PAGE)
    assert.deepEqual(
      found.map(({ id, isExpired }) => [id, isExpired]),
      [
        [expired.id, true],
        [first.id, false],
      ],
    )
  })

  for (const [by, finds] of Object.entries(OPEN)) {
    it(`is found by ${by} until it is settled, or the exact instant of its expiry`, async () => {
      const invitation = await invite()
      const atExpiry = (microseconds: number) =>
        rolledBack(async (tx) => {
          await tx.execute(drizzle`UPDATE organization_invitations SET expires_at = now() + ${`${microseconds} microseconds`}::interval
            WHERE id = ${invitation.id}`)
          return finds(tx, invitation)
        })
      assert.deepEqual([await finds(database, invitation), await atExpiry(1), await atExpiry(0)], [true, true, false])
      await settle(invitation, 'cancelled')
      assert.equal(await finds(database, invitation), false)
    })
  }

  it('replaces a pending one of the same address in the same organization', async () => {
    const email = `${newId('evt')}@example.com`
    const [first, elsewhere, accepted] = [
      await invite({ email }),
      await invite({ email, organization: other }),
      await invite(),
    ]
    await settle(accepted, 'accepted')
    const second = await invite({ email })
    await invite({ email: accepted.email })
    assert.deepEqual(await Promise.all([first, elsewhere, accepted, second].map(statusOf)), [
      'cancelled',
      'pending',
      'accepted',
      'pending',
    ])
  })
})

describe('the renewal of an invitation', () => {
  const renew = (
    { id, content }: Invitation,
    organization: OrganizationId,
    more: Partial<Invitation['content']> = {},
  ) => change((tx) => renewInvitation(tx, organization, id, { ...content, tokenDigest: randomBytes(32), ...more }))

  it('replaces its access, expiry and token', async () => {
    const [before, next] = [await rows.role(home), await rows.role(home)]
    const invitation = await invite({ roleIds: [before], expiresInMs: -HOUR_MS })
    const [tokenDigest, expiresAt] = [randomBytes(32), new Date(Date.now() + 2 * HOUR_MS)]
    await renew(invitation, home, { role: 'owner', roleIds: [next], tokenDigest, expiresAt })
    assert.equal(await findInvitationByToken(database, invitation.tokenDigest), undefined)
    const found = await findInvitationByToken(database, tokenDigest)
    assert.deepEqual(
      [found?.role, found?.expiresAt, found?.assignedRoles.map(({ id }) => id)],
      ['owner', expiresAt, [next]],
    )
  })

  it('changes none that is settled, or of another organization', async () => {
    const [settled, foreign] = [await invite(), await invite({ organization: other })]
    await settle(settled, 'declined')
    await renew(settled, home, { role: 'owner' })
    await renew(foreign, home, { role: 'owner' })
    assert.deepEqual(
      [await findInvitation(database, home, settled.id), await findInvitation(database, other, foreign.id)].map(
        (row) => [row?.role, row?.status],
      ),
      [
        ['member', 'declined'],
        ['member', 'pending'],
      ],
    )
    assert.equal((await findInvitationByToken(database, foreign.tokenDigest))?.id, foreign.id)
  })
})

describe('the settlement of an invitation', () => {
  for (const outcome of ['accepted', 'declined', 'cancelled'] as const) {
    it(`as ${outcome} is final, and done in its organization only`, async () => {
      const invitation = await invite()
      assert.equal(await settle(invitation, outcome, other), false)
      assert.equal(await statusOf(invitation), 'pending')
      assert.equal(await settle(invitation, outcome), true)
      for (const later of ['accepted', 'declined', 'cancelled'] as const)
        assert.equal(await settle(invitation, later), false)
      assert.equal(await statusOf(invitation), outcome)
    })
  }

  it('is done once by two at the same time', async () => {
    const invitation = await invite()
    const outcomes = await waits(
      (tx) => settleInvitation(tx, home, invitation.id, 'accepted'),
      () => settle(invitation, 'cancelled'),
    )
    assert.deepEqual([...outcomes, await statusOf(invitation)], [true, false, 'accepted'])
  })
})

describe('the redemption of a mailed token', () => {
  const redeem = (digest: Uint8Array, user: Awaited<ReturnType<typeof invited>>) =>
    change((tx) => redeemInvitationToken(tx, digest, user))

  it('verifies the address of the account, once', async () => {
    const invitation = await invite()
    const user = await invited(invitation)
    assert.equal(await redeem(invitation.tokenDigest, user), true)
    assert.equal(await isVerified(user), true)
    assert.equal(await redeem(invitation.tokenDigest, user), false)
    assert.equal(await findInvitationByToken(database, invitation.tokenDigest), undefined)
    assert.equal(await statusOf(invitation), 'pending', 'it is not accepted by that')
  })

  it('is refused for another address, a disabled account, and a token that is settled, expired or unknown', async () => {
    const [open, settled, expired] = [await invite(), await invite(), await invite({ expiresInMs: -1 })]
    await settle(settled, 'cancelled')
    const disabled = await invited(open)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${disabled}`
    const stranger = await rows.user()
    for (const [digest, user] of [
      [open.tokenDigest, stranger],
      [open.tokenDigest, disabled],
      [open.tokenDigest, newId('usr')],
      [settled.tokenDigest, await invited(settled)],
      [expired.tokenDigest, await invited(expired)],
      [randomBytes(32), stranger],
    ] as const) {
      assert.equal(await redeem(digest, user), false)
      assert.notEqual(await isVerified(user), true)
    }
    assert.equal((await findInvitationByToken(database, open.tokenDigest))?.id, open.id, 'the token is still good')
  })

  it('is done once by two at the same time', async () => {
    const invitation = await invite()
    const user = await invited(invitation)
    const outcomes = await waits(
      (tx) => redeemInvitationToken(tx, invitation.tokenDigest, user),
      () => redeem(invitation.tokenDigest, user),
    )
    assert.deepEqual(outcomes, [true, false])
  })
})
