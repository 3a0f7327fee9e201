import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { UserId } from '../src/core/id.ts'
import {
  cancelEmailChange,
  confirmEmailChange,
  createEmailChange,
  type EmailChangeSide,
  endEmailChange,
  findPendingEmailChange,
  MailLimitReached,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)

/** Creates a user with a verified address and a pending change. */
async function pending(newEmail: string) {
  const userId = await rows.user()
  const email = `${userId}@example.com`
  const organization = await rows.organization(userId)
  await sql`UPDATE organizations SET personal = true WHERE id = ${organization}`
  await sql`UPDATE users SET email = ${email}, email_verified = true WHERE id = ${userId}`
  const digests = { currentDigest: randomBytes(32), newDigest: randomBytes(32) }
  const content = { email, newEmail, ...digests, expiresAt: new Date(Date.now() + 60_000) }
  const request = () => change((tx) => createEmailChange(tx, userId, content))
  assert.deepEqual(await request(), { needsApproval: true })
  return { userId, email, ...digests, request }
}

const confirm = (userId: UserId, side: EmailChangeSide, digest: Uint8Array) =>
  change((tx) => confirmEmailChange(tx, userId, side, digest))

describe('a change of the address', () => {
  it('is refused with the token of the other mail, of another user, or an unknown one', async () => {
    const [one, other] = [await pending('one@example.com'), await pending('two@example.com')]
    for (const [userId, side, digest] of [
      [one.userId, 'new', one.currentDigest],
      [one.userId, 'current', one.newDigest],
      [one.userId, 'new', other.newDigest],
      [one.userId, 'current', other.currentDigest],
      ['usr_unknown' as UserId, 'new', one.newDigest],
      [one.userId, 'new', randomBytes(32)],
    ] as const) {
      assert.deepEqual(await confirm(userId, side, digest), { kind: 'gone' })
      assert.equal(
        await change((tx) => cancelEmailChange(tx, other.userId, digest)),
        digest === other.currentDigest ? 'two@example.com' : undefined,
      )
    }
    assert.equal(await change((tx) => cancelEmailChange(tx, one.userId, one.newDigest)), undefined)
  })

  it('is limited, and a refused request leaves the previous one pending', async () => {
    const { userId, request } = await pending('limited@example.com')
    await assert.rejects(request(), MailLimitReached)
    assert.deepEqual(await findPendingEmailChange(database, userId), {
      newEmail: 'limited@example.com',
      isNewConfirmed: false,
      isApproved: false,
    })
    await change((tx) => endEmailChange(tx, userId))
    assert.equal(await findPendingEmailChange(database, userId), undefined)
  })

  it('is made with the second confirmation, and refused for an address that either spelling of another account has', async () => {
    const taken = await rows.user()
    // A row of before the ASCII spelling, which the unique index does not compare with it.
    await sql`UPDATE users SET email = 'ada@bücher.example' WHERE id = ${taken}`
    for (const [newEmail, kind] of [
      ['ada@xn--bcher-kva.example', 'taken'],
      ['free@example.com', 'changed'],
      ['free@example.com', 'taken'],
    ] as const) {
      const { userId, email, currentDigest, newDigest } = await pending(newEmail)
      assert.deepEqual(await confirm(userId, 'new', newDigest), { kind: 'waiting', newEmail })
      assert.equal((await confirm(userId, 'current', currentDigest)).kind, kind)
      const [row] = await sql`SELECT email FROM users WHERE id = ${userId}`
      assert.equal(row?.['email'], kind === 'changed' ? newEmail : email)
      assert.equal(await findPendingEmailChange(database, userId), undefined)
    }
  })
})
