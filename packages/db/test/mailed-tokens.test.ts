import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { UserId } from '../src/core/id.ts'
import { deleteExpiredMailedTokens } from '../src/operations/index.ts'
import { createMailedToken, endAccountLinks, findMailedToken, redeemMailedToken } from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)

const inAnHour = () => new Date(Date.now() + 3_600_000)

/** Creates a user with a mailed token. */
async function mailed(purpose: Parameters<typeof createMailedToken>[2] = 'recovery', expiresAt = inAnHour()) {
  const userId = await rows.user()
  const token = randomBytes(32)
  const email = `${userId.toLowerCase()}@example.com`
  await sql`UPDATE users SET email = ${email} WHERE id = ${userId}`
  assert.ok(await change((tx) => createMailedToken(tx, userId, purpose, { email, tokenDigest: token, expiresAt })))
  return { userId, token, email }
}

const redeem = (userId: UserId, token: Uint8Array, purpose: 'recovery' | 'key-revocation' = 'recovery') =>
  change((tx) => redeemMailedToken(tx, purpose, token, userId))

describe('a mailed token', () => {
  it('is not redeemed after its expiry, for another purpose or user, or after a change of the address', async () => {
    const expired = await mailed('recovery', new Date(Date.now() - 1))
    assert.equal(await findMailedToken(database, 'recovery', expired.token), undefined)
    assert.equal(await redeem(expired.userId, expired.token), false)

    const { userId, token, email } = await mailed()
    const { userId: other } = await mailed()
    assert.equal(await findMailedToken(database, 'key-revocation', token), undefined)
    assert.equal(await redeem(userId, token, 'key-revocation'), false)
    assert.equal(await redeem(other, token), false)
    assert.equal(await redeem('usr_unknown' as UserId, token), false)
    await sql`UPDATE users SET email = ${`new-${email}`} WHERE id = ${userId}`
    assert.equal(await findMailedToken(database, 'recovery', token), undefined)
    assert.equal(await redeem(userId, token), false)
  })

  it('is not found for a disabled account', async () => {
    const { userId, token } = await mailed()
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${userId}`
    assert.equal(await findMailedToken(database, 'recovery', token), undefined)
  })

  it('is redeemed once', async () => {
    const { userId, token, email } = await mailed()
    assert.deepEqual(await findMailedToken(database, 'recovery', token), {
      userId,
      email,
      newEmail: null,
      isConfirmed: false,
      emailVerified: false,
    })
    const redeemed = await Promise.all([redeem(userId, token), redeem(userId, token), redeem(userId, token)])
    assert.deepEqual(redeemed.sort(), [false, false, true])
    assert.equal(await findMailedToken(database, 'recovery', token), undefined)
  })

  it('is replaced by the next mail, which may follow a minute later, five times a day', async () => {
    const { userId, token, email } = await mailed()
    const next = (purpose: 'recovery' | 'key-revocation' = 'recovery') => {
      const tokenDigest = randomBytes(32)
      const mail = { email, tokenDigest, expiresAt: inAnHour() }
      return change((tx) => createMailedToken(tx, userId, purpose, mail))
    }
    assert.equal(await next(), false)
    assert.equal(await next('key-revocation'), true, 'another purpose has its own limit')
    const wait = (interval: string) => sql`
      UPDATE mailed_tokens SET sent_at = sent_at - ${interval}::interval, sent_since = sent_since - ${interval}::interval
      WHERE user_id = ${userId}`
    for (let mails = 2; mails <= 5; mails += 1) {
      await wait('1 minute')
      assert.equal(await next(), true, `mail ${mails}`)
    }
    assert.equal(await redeem(userId, token), false, 'the first token was replaced')
    await wait('1 minute')
    assert.equal(await next(), false)
    await wait('1 day')
    assert.equal(await next(), true)
  })

  it('is ended by a change of the password, alone and without another mail in the same minute', async () => {
    const [one, other] = [await mailed(), await mailed()]
    await change((tx) => endAccountLinks(tx, one.userId))
    assert.deepEqual([await redeem(one.userId, one.token), await redeem(other.userId, other.token)], [false, true])
    const next = { email: one.email, tokenDigest: randomBytes(32), expiresAt: inAnHour() }
    assert.equal(await change((tx) => createMailedToken(tx, one.userId, 'recovery', next)), false)
  })
})

describe('deleteExpiredMailedTokens', () => {
  it('deletes mails that have expired and count towards no limit', async () => {
    const [kept, expired, recent] = [await mailed(), await mailed(), await mailed()]
    await sql`UPDATE mailed_tokens SET sent_at = now() - interval '3 days', sent_since = now() - interval '3 days'
      WHERE user_id IN (${kept.userId}, ${expired.userId})`
    await sql`UPDATE mailed_tokens SET expires_at = now() - interval '2 days'
      WHERE user_id IN (${expired.userId}, ${recent.userId})`
    while ((await deleteExpiredMailedTokens(database, 1)) > 0);
    const left = await sql`SELECT user_id FROM mailed_tokens
      WHERE user_id IN (${kept.userId}, ${expired.userId}, ${recent.userId})`
    assert.deepEqual(left.map((row) => row['user_id']).sort(), [kept.userId, recent.userId].sort())
  })
})
