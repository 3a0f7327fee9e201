import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { systemAuthority } from '../src/audit/authority.ts'
import { type AuditedTx, inAudit, recordAudit } from '../src/audit/entries.ts'
import { countAuditEvents } from '../src/audit/trail.ts'
import { normalizeEmail } from '../src/core/email-address.ts'
import { newId } from '../src/core/id.ts'
import {
  countInvitationsTo,
  findInvitation,
  findInvitationTo,
  findOpenInvitation,
  insertInvitation,
  listInvitationsTo,
  redeemInvitationToken,
} from '../src/organizations/invitations.ts'
import { isMemberByEmail } from '../src/organizations/members.ts'
import { findUsers } from '../src/users/administration.ts'
import {
  createEmailVerification,
  findEmailVerification,
  redeemEmailVerification,
} from '../src/users/email-verifications.ts'
import { type CreatedUser, createUser, findAccountByEmail } from '../src/users/users.ts'

const FROM = { ipAddress: '192.0.2.1', userAgent: 'a browser', source: 'provider' }
const { database } = await testDatabase({ after })
const create = (email: string) => createUser(database, { email, name: 'Ada', passwordHash: 'a hash' }, FROM)

describe('an address with an internationalized domain', () => {
  const spellings = [
    'Ada@B\u00fccher.example',
    'ada@bu\u0308cher.EXAMPLE',
    ' ada@xn--bcher-kva.example',
    'ADA@XN--BCHER-KVA.example',
  ]

  it('is one account in both spellings, and kept in the ASCII one', async () => {
    const made = await create(spellings[0] ?? '')
    for (const spelling of spellings) {
      assert.equal(await create(spelling), undefined, spelling)
      const account = await findAccountByEmail(database, spelling)
      assert.deepEqual([account?.userId, account?.email], [made?.userId, 'ada@xn--bcher-kva.example'])
    }
  })

  it('may be that of two accounts, whose rows are from before the ASCII spelling: that one is first', async () => {
    const [one, two] = [await userWith('eve@b\u00fccher.example'), await userWith('eve@xn--bcher-kva.example')]
    for (const given of ['eve@b\u00fccher.example', 'EVE@xn--bcher-kva.example']) {
      const found = await findUsers(database, given)
      assert.deepEqual(
        found.map(({ id }) => id),
        [two.userId, one.userId],
      )
    }
  })

  it('leaves every other address as it is', () => {
    for (const text of ['ada@example.com', 'ada@0x7f.1', 'ü@example.com', 'ada', 'ada@', 'ada@-.xn--', '@']) {
      assert.equal(normalizeEmail(text), text)
    }
  })
})

const TEST_AUTHORITY = systemAuthority('test')
const ACTOR = { actorId: null, actorEmail: null, source: 'test' }

const write = <T>(user: CreatedUser, change: (tx: AuditedTx) => Promise<T>): Promise<T> =>
  inAudit(database, TEST_AUTHORITY, { ...ACTOR, organizationId: user.organizationId, action: 'user.update' }, change)

let users = 0
async function createPlain(): Promise<CreatedUser> {
  users += 1
  const user = await create(`user${users}@placeholder.example`)
  assert.ok(user)
  return user
}

/** A user whose row has `stored`, as an earlier version or psql would have written it. */
async function userWith(stored: string): Promise<CreatedUser> {
  const user = await createPlain()
  await database.$client`UPDATE users SET email = ${stored} WHERE id = ${user.userId}`
  return user
}

/** A pending invitation whose row has `stored`, and its token's digest. */
async function invitationTo(stored: string, from: CreatedUser, expiresAt = new Date(Date.now() + 60_000)) {
  const invitationId = newId('inv')
  const tokenDigest = hash('sha256', invitationId, 'buffer')
  const content = { email: 'placeholder@placeholder.example', role: 'member' as const, roleIds: [], tokenDigest }
  await write(from, (tx) =>
    insertInvitation(tx, from.organizationId, invitationId, { ...content, invitedBy: from.userId, expiresAt }),
  )
  await database.$client`UPDATE organization_invitations SET email = ${stored} WHERE id = ${invitationId}`
  return { invitationId, tokenDigest, organizationId: from.organizationId }
}

async function verificationOf(user: CreatedUser, stored: string): Promise<Buffer> {
  const tokenDigest = hash('sha256', user.userId, 'buffer')
  const mail = { email: stored, tokenDigest, expiresAt: new Date(Date.now() + 60_000) }
  assert.ok(await write(user, (tx) => createEmailVerification(tx, user.userId, mail)))
  return tokenDigest
}

async function eventBy(stored: string) {
  const { organizationId } = await createPlain()
  await recordAudit(database, { ...ACTOR, actorEmail: stored, organizationId, action: 'user.sign_in' })
  return (actorEmail: Parameters<typeof countAuditEvents>[2]['actorEmail']) =>
    countAuditEvents(database, organizationId, { actorEmail, action: { eq: 'user.sign_in' } }, 10)
}

/** Every look-up by address: whether what is stored under one spelling is found by another address or spelling. */
const LOOK_UPS: Record<string, (stored: string, given: string) => Promise<boolean>> = {
  async 'a sign-up, which finds the address taken'(stored, given) {
    await userWith(stored)
    return (await create(given)) === undefined
  },
  async 'a search by the operator'(stored, given) {
    const { userId } = await userWith(stored)
    return (await findUsers(database, given)).some(({ id }) => id === userId)
  },
  async 'a sign-in'(stored, given) {
    const { userId } = await userWith(stored)
    return (await findAccountByEmail(database, given))?.userId === userId
  },
  async 'a member by address'(stored, given) {
    const { organizationId } = await userWith(stored)
    return isMemberByEmail(database, organizationId, given)
  },
  async 'the list of own invitations'(stored, given) {
    const { invitationId } = await invitationTo(stored, await createPlain())
    const { rows } = await listInvitationsTo(database, given, { limit: 100 })
    return rows.some(({ id }) => id === invitationId)
  },
  async 'the number of own invitations'(stored, given) {
    const before = await countInvitationsTo(database, given)
    await invitationTo(stored, await createPlain())
    return (await countInvitationsTo(database, given)) === before + 1
  },
  async 'an own invitation'(stored, given) {
    const { invitationId } = await invitationTo(stored, await createPlain())
    return (await findInvitationTo(database, given, invitationId)) !== undefined
  },
  async 'an open invitation'(stored, given) {
    const from = await createPlain()
    await invitationTo(stored, from)
    return (await write(from, (tx) => findOpenInvitation(tx, from.organizationId, given))) !== undefined
  },
  async 'a new invitation, which replaces an expired one'(stored, given) {
    const from = await createPlain()
    const expired = await invitationTo(stored, from, new Date(Date.now() - 1000))
    const content = { role: 'member' as const, roleIds: [], invitedBy: from.userId, expiresAt: new Date() }
    const tokenDigest = hash('sha256', `again ${expired.invitationId}`, 'buffer')
    await write(from, (tx) =>
      insertInvitation(tx, from.organizationId, newId('inv'), { ...content, email: given, tokenDigest }),
    )
    return (await findInvitation(database, from.organizationId, expired.invitationId))?.status === 'cancelled'
  },
  async 'the redemption of an invitation’s token'(stored, given) {
    const { tokenDigest } = await invitationTo(stored, await createPlain())
    const user = await userWith(given)
    return write(user, (tx) => redeemInvitationToken(tx, tokenDigest, user.userId))
  },
  async 'a mailed verification'(stored, given) {
    const user = await userWith(given)
    return (await findEmailVerification(database, await verificationOf(user, stored)))?.userId === user.userId
  },
  async 'the redemption of a mailed verification'(stored, given) {
    const user = await userWith(given)
    const digest = await verificationOf(user, stored)
    return write(user, (tx) => redeemEmailVerification(tx, digest, user.userId))
  },
  async 'a search of the audit trail'(stored, given) {
    return (await (await eventBy(stored))({ eq: given })) === 1
  },
  async 'a search of the audit trail for one of several'(stored, given) {
    return (await (await eventBy(stored))({ in: ['other@example.com', given] })) === 1
  },
  async 'a search of the audit trail for anybody else'(stored, given) {
    return (await (await eventBy(stored))({ not: given })) === 0
  },
  async 'a search of the audit trail for none of several'(stored, given) {
    return (await (await eventBy(stored))({ notIn: ['other@example.com', given] })) === 0
  },
}

describe('an address stored in either spelling', () => {
  let names = 0
  const cases = [
    ['m\u00fcnchen.example', 'm\u00fcnchen.example'],
    ['m\u00fcnchen.example', 'xn--mnchen-3ya.example'],
    ['xn--mnchen-3ya.example', 'm\u00fcnchen.example'],
    ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
  ] as const
  for (const [what, isFound] of Object.entries(LOOK_UPS)) {
    for (const [stored, given] of cases) {
      it(`is found by ${what}: ${stored} by ${given}`, async () => {
        names += 1
        assert.equal(await isFound(`eve${names}@${stored}`, `eve${names}@${given}`), true)
      })
    }
    it(`is not found by ${what} with another address`, async () => {
      names += 1
      assert.equal(await isFound(`eve${names}@m\u00fcnchen.example`, `eve${names}@munchen.example`), false)
      assert.equal(await isFound(`ada${names}@m\u00fcnchen.example`, `eva${names}@xn--mnchen-3ya.example`), false)
    })
  }

  it('is compared in one place', async () => {
    const directory = new URL('../src/', import.meta.url)
    const files = (await readdir(directory, { recursive: true })).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('email-address.ts') && !file.startsWith('schema'),
    )
    assert.ok(files.length > 50)
    const comparison = /lower\([^)]*email|\beq\([^,\n]*\bemail\b|\.email\)? = [\w$]/i
    for (const file of files) {
      const text = await readFile(new URL(file, directory), 'utf8')
      assert.doesNotMatch(text, comparison, file)
    }
  })
})
