import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { type AuditedTx, DEPLOYMENT } from '../src/audit/index.ts'
import type { UserId } from '../src/core/id.ts'
import { deleteExpiredTrustedBrowsers } from '../src/operations/index.ts'
import { confirmProviderStep } from '../src/principals/index.ts'
import {
  acceptTotpStep,
  canUseSecondFactor,
  countSecondFactorAttempt,
  createUser,
  deletePasskey,
  deletePasskeys,
  deleteTotpFactor,
  deleteTrustedBrowser,
  deleteTrustedBrowsers,
  endOtherUserAccess,
  endUserAccess,
  findAccountById,
  findPasskey,
  findSecondFactors,
  insertPasskey,
  insertTotpFactor,
  insertTrustedBrowser,
  isTrustedBrowser,
  listPasskeys,
  listTrustedBrowsers,
  readSessionSignIn,
  recordPasskeyUse,
  redeemRecoveryCode,
  reencryptTotpSecrets,
  replaceRecoveryCodes,
  requirePasswordWithPasskeys,
  resetSecondFactorAttempts,
  strengthenSession,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)

const codes = (count = 10) => Array.from({ length: count }, () => randomBytes(32))

/** A user with an authenticator app, whose last accepted code was of step 100. */
async function withApp(secret = 'encrypted'): Promise<UserId> {
  const userId = await rows.user()
  assert.equal(await change((tx) => insertTotpFactor(tx, userId, { secret, step: 100 })), true)
  return userId
}

/** Creates a session of a user who signed in that long ago. */
async function session(userId: UserId, { secondsAgo = 0, acr }: { secondsAgo?: number; acr?: string } = {}) {
  const uid = `uid-${randomBytes(6).toString('hex')}`
  const payload = { accountId: userId, uid, loginTs: Math.floor(Date.now() / 1000) - secondsAgo, ...(acr && { acr }) }
  await sql`
    INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
    VALUES ('Session', ${randomBytes(32)}, ${JSON.stringify(payload)}::text::jsonb, ${userId}, ${uid}, now() + interval '1 hour')`
  return uid
}

describe('an authenticator app', () => {
  it('accepts no step twice, none before it, and none for another secret or user', async () => {
    const userId = await withApp()
    const accept = (step: number, secret = 'encrypted', user = userId) =>
      change((tx) => acceptTotpStep(tx, user, { secret, step }))
    assert.equal(await accept(100), false)
    assert.equal(await accept(99), false)
    assert.equal(await accept(101, 'another'), false)
    assert.equal(await accept(101, 'encrypted', await rows.user()), false)
    assert.equal(await accept(101), true)
    assert.equal(await accept(101), false)
    assert.equal(await accept(100), false)
  })

  it('accepts a step of one of twenty concurrent requests', async () => {
    const userId = await withApp()
    const accepted = await Promise.all(
      Array.from({ length: 20 }, () => change((tx) => acceptTotpStep(tx, userId, { secret: 'encrypted', step: 101 }))),
    )
    assert.equal(accepted.filter(Boolean).length, 1)
  })

  it('is the only one of its account, and makes a sign-in need it', async () => {
    const account = { email: 'ada@example.com', name: 'Ada', passwordHash: 'hash' }
    const other = (await createUser(database, account, { source: 'test' }))?.userId
    assert.ok(other)
    assert.equal((await findAccountById(database, other))?.hasSecondFactor, false)
    assert.deepEqual(await findSecondFactors(database, other), { totp: null, recoveryCodes: 0 })
    assert.equal(await change((tx) => insertTotpFactor(tx, other, { secret: 'encrypted', step: 1 })), true)
    assert.equal(await change((tx) => insertTotpFactor(tx, other, { secret: 'second', step: 1 })), false)
    assert.equal((await findSecondFactors(database, other)).totp?.secret, 'encrypted')
    assert.equal((await findAccountById(database, other))?.hasSecondFactor, true)
  })

  it('is removed with the recovery codes and the counted attempts, of this account only', async () => {
    const [userId, other] = [await withApp(), await withApp()]
    for (const each of [userId, other]) {
      await change((tx) => replaceRecoveryCodes(tx, each, codes()))
      await countSecondFactorAttempt(database, each, { limit: 5, windowMs: 60_000 })
    }
    assert.equal(await change((tx) => deleteTotpFactor(tx, userId)), true)
    assert.equal(await change((tx) => deleteTotpFactor(tx, userId)), false)
    assert.deepEqual(await findSecondFactors(database, userId), { totp: null, recoveryCodes: 0 })
    assert.equal((await findSecondFactors(database, other)).recoveryCodes, 10)
    assert.deepEqual(
      [...(await sql`SELECT user_id AS "userId" FROM second_factor_attempts`)].map((row) => row['userId']),
      [other],
    )
  })
})

describe('recovery codes', () => {
  it('are redeemed once, by their own account, and replaced together', async () => {
    const [userId, other] = [await withApp(), await withApp()]
    const first = codes()
    await change((tx) => replaceRecoveryCodes(tx, userId, first))
    const redeem = (digest = first[0] ?? randomBytes(32), user = userId) =>
      change((tx) => redeemRecoveryCode(tx, user, digest))
    assert.equal(await redeem(first[0], other), undefined)
    assert.equal(await redeem(randomBytes(32)), undefined)
    assert.equal(await redeem(), 9)
    assert.equal(await redeem(), undefined)
    const concurrent = await Promise.all(Array.from({ length: 10 }, () => redeem(first[1])))
    assert.deepEqual(
      concurrent.filter((left) => left !== undefined),
      [8],
    )
    await change((tx) => replaceRecoveryCodes(tx, userId, codes()))
    assert.equal(await redeem(first[2]), undefined)
    assert.equal((await findSecondFactors(database, userId)).recoveryCodes, 10)
  })
})

describe('the attempts of an account', () => {
  const rule = { limit: 3, windowMs: 60_000 }

  it('are limited within the window, also concurrent ones, and reset by an accepted code', async () => {
    const userId = await rows.user()
    const waits = await Promise.all(Array.from({ length: 10 }, () => countSecondFactorAttempt(database, userId, rule)))
    assert.equal(waits.filter((wait) => wait === undefined).length, 3)
    for (const wait of waits) assert.ok(wait === undefined || (wait > 50 && wait <= 61), String(wait))
    await change((tx) => resetSecondFactorAttempts(tx, userId))
    assert.equal(await countSecondFactorAttempt(database, userId, rule), undefined)
  })

  it('begin again after the window, which refused ones do not extend', async () => {
    const userId = await rows.user()
    for (let attempt = 0; attempt < 5; attempt++) await countSecondFactorAttempt(database, userId, rule)
    await sql`UPDATE second_factor_attempts SET since = since - interval '61 seconds' WHERE user_id = ${userId}`
    for (let attempt = 0; attempt < 3; attempt++) {
      assert.equal(await countSecondFactorAttempt(database, userId, rule), undefined)
    }
    assert.notEqual(await countSecondFactorAttempt(database, userId, rule), undefined)
  })
})

describe('the sign-in of a session', () => {
  it('is read for its own user only, and until it ends', async () => {
    const [userId, other] = [await rows.user(), await rows.user()]
    const uid = await session(userId, { secondsAgo: 100 })
    assert.equal(await readSessionSignIn(database, other, uid), undefined)
    const found = await readSessionSignIn(database, userId, uid)
    assert.equal(found?.acr, null)
    assert.ok(Math.abs(Date.now() - 100_000 - (found?.signedInAt ?? 0)) < 5000)
    await sql`UPDATE oidc_artifacts SET expires_at = now() WHERE uid = ${uid}`
    assert.equal(await readSessionSignIn(database, userId, uid), undefined)
  })

  it('confirms a step that needs a second factor, if the account has one', async () => {
    const [plain, userId] = [await rows.user(), await withApp()]
    const step = async (user: UserId, acr?: string) => {
      const sessionUid = await session(user, acr === undefined ? {} : { acr })
      return change((tx) => confirmProviderStep(tx, { userId: user, sessionUid, withSecondFactor: true }))
    }
    assert.equal(await step(userId), 'sign-in')
    assert.equal(await step(userId, 'urn:daytona:acr:password'), 'sign-in')
    assert.equal(await step(userId, 'urn:daytona:acr:mfa'), undefined)
    assert.equal(await step(plain), undefined)
  })

  it('is marked as one with a second factor, without another change', async () => {
    const [userId, other] = [await withApp(), await withApp()]
    const uid = await session(userId, { acr: 'urn:daytona:acr:password' })
    const strong = { acr: 'urn:daytona:acr:mfa', amr: ['pwd', 'otp', 'mfa'] }
    const before = await readSessionSignIn(database, userId, uid)
    await change((tx) => strengthenSession(tx, other, uid, strong))
    assert.deepEqual(await readSessionSignIn(database, userId, uid), before)
    await change((tx) => strengthenSession(tx, userId, uid, strong))
    assert.deepEqual(await readSessionSignIn(database, userId, uid), { ...before, acr: strong.acr })
    const [row] = await sql`SELECT payload -> 'amr' AS amr FROM oidc_artifacts WHERE uid = ${uid}`
    assert.deepEqual(row?.['amr'], strong.amr)
  })
})

describe('a trusted browser', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)
  const trust = (userId: UserId, expiresAt = inDays(30), digest: Uint8Array = randomBytes(32)) =>
    change(async (tx) => {
      await insertTrustedBrowser(tx, userId, { digest, userAgent: 'Firefox', expiresAt })
      return digest
    })

  it('is not one of another account, an unknown or an expired one', async () => {
    const [userId, other] = [await withApp(), await withApp()]
    const digest = await trust(userId)
    const expired = await trust(userId, inDays(-1))
    assert.equal(await isTrustedBrowser(database, other, digest), false)
    assert.equal(await isTrustedBrowser(database, userId, randomBytes(32)), false)
    assert.equal(await isTrustedBrowser(database, userId, expired), false)
    assert.equal(await isTrustedBrowser(database, userId, digest), true)
    assert.deepEqual(
      (await listTrustedBrowsers(database, userId)).map((row) => Buffer.from(row.digest)),
      [digest],
    )
    await deleteExpiredTrustedBrowsers(database, 100)
    const rowsLeft = await sql`SELECT FROM trusted_browsers WHERE user_id = ${userId}`
    assert.equal(rowsLeft.length, 1)
  })

  it('ends by itself, with the others, with the factors, and with all access of the account', async () => {
    const other = await withApp()
    const kept = await trust(other)
    const userId = await withApp()
    const digest = await trust(userId)
    assert.equal(await change((tx) => deleteTrustedBrowser(tx, other, digest)), false)
    assert.equal(await change((tx) => deleteTrustedBrowser(tx, userId, digest)), true)
    assert.equal(await change((tx) => deleteTrustedBrowser(tx, userId, digest)), false)
    for (const end of [
      (tx: AuditedTx) => deleteTrustedBrowsers(tx, userId),
      (tx: AuditedTx) => endUserAccess(tx, userId, 'test'),
      (tx: AuditedTx) => endOtherUserAccess(tx, userId, 'kept', 'test'),
      (tx: AuditedTx) => deleteTotpFactor(tx, userId),
    ]) {
      const one = await trust(userId)
      await change(async (tx) => void (await end(tx)))
      assert.equal(await isTrustedBrowser(database, userId, one), false)
    }
    assert.equal(await isTrustedBrowser(database, other, kept), true)
  })

  it('replaces the oldest of ten', async () => {
    const userId = await withApp()
    const digests: Uint8Array[] = []
    for (let day = 1; day <= 12; day++) digests.push(await trust(userId, inDays(day)))
    const trusted = await Promise.all(digests.map((digest) => isTrustedBrowser(database, userId, digest)))
    assert.deepEqual(trusted, [false, false, ...Array.from({ length: 10 }, () => true)])
  })
})

describe('a passkey', () => {
  const passkeyOf = (userId: UserId, counter = 0) => ({
    id: randomBytes(16).toString('base64url'),
    userId,
    publicKey: randomBytes(32),
    counter,
    isSynchronized: false,
    userAgent: null,
  })
  const add = async (passkey: ReturnType<typeof passkeyOf>) => change((tx) => insertPasskey(tx, passkey))

  it('is found for an enabled account, and is one of its own account only', async () => {
    const [userId, other] = [await rows.user(), await rows.user()]
    const passkey = passkeyOf(userId)
    assert.equal(await add(passkey), true)
    assert.equal(await add({ ...passkey, userId: other }), false)
    assert.equal((await findPasskey(database, passkey.id))?.userId, userId)
    assert.equal(await findPasskey(database, 'unknown'), undefined)
    assert.deepEqual(await listPasskeys(database, other), [])
    assert.equal(await change((tx) => recordPasskeyUse(tx, { id: passkey.id, userId: other }, 1, 'nothing')), false)
    assert.equal(await change((tx) => deletePasskey(tx, other, passkey.id)), false)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${userId}`
    assert.equal(await findPasskey(database, passkey.id), undefined)
  })

  it('is a second factor that its own account can use, as an authenticator app is', async () => {
    const [userId, other, appUser] = [await rows.user(), await rows.user(), await withApp()]
    await add(passkeyOf(userId))
    assert.deepEqual(await Promise.all([other, userId, appUser].map((each) => canUseSecondFactor(database, each))), [
      false,
      true,
      true,
    ])
    await change((tx) => deletePasskeys(tx, userId))
    assert.equal(await canUseSecondFactor(database, userId), false)
  })

  it('accepts a counter once, and no earlier one; without a counter, always', async () => {
    const userId = await rows.user()
    const [counting, plain] = [passkeyOf(userId, 5), passkeyOf(userId)]
    for (const passkey of [counting, plain]) await add(passkey)
    const record = (passkey: typeof plain, counter: number) =>
      change((tx) => recordPasskeyUse(tx, passkey, counter, 'nothing'))
    for (const counter of [0, 4, 5]) assert.equal(await record(counting, counter), false)
    const concurrent = await Promise.all(Array.from({ length: 10 }, () => record(counting, 6)))
    assert.equal(concurrent.filter(Boolean).length, 1)
    assert.deepEqual([await record(plain, 0), await record(plain, 0), await record(plain, 1)], [true, true, true])
    assert.equal(await record(plain, 0), false)
  })

  it('makes a sign-in need it, and leaves with the last factor no recovery code', async () => {
    const userId = (
      await createUser(database, { email: 'eve@example.com', name: 'Eve', passwordHash: 'hash' }, { source: 'test' })
    )?.userId
    assert.ok(userId)
    const [first, second] = [passkeyOf(userId), passkeyOf(userId)]
    for (const passkey of [first, second]) await add(passkey)
    assert.equal((await findAccountById(database, userId))?.hasSecondFactor, true)
    const uid = await session(userId, { acr: 'urn:daytona:acr:password' })
    const step = { userId, sessionUid: uid, withSecondFactor: true }
    assert.equal(await change((tx) => confirmProviderStep(tx, step)), 'sign-in')
    await change((tx) => replaceRecoveryCodes(tx, userId, codes()))
    const left = async () => (await findSecondFactors(database, userId)).recoveryCodes
    await change((tx) => deletePasskey(tx, userId, first.id))
    assert.equal(await left(), 10)
    await change((tx) => deletePasskey(tx, userId, second.id))
    assert.equal(await left(), 0)
    assert.equal((await findAccountById(database, userId))?.hasSecondFactor, false)
    assert.equal(await change((tx) => confirmProviderStep(tx, step)), undefined)
  })

  it('signs in after the first step only, once it requires the password', async () => {
    const [userId, other] = [await rows.user(), await rows.user()]
    const [passkey, untouched] = [passkeyOf(userId), passkeyOf(other)]
    for (const each of [passkey, untouched]) await add(each)
    await change((tx) => requirePasswordWithPasskeys(tx, userId))
    const use = (each: typeof passkey, after: 'nothing' | 'first step') =>
      change((tx) => recordPasskeyUse(tx, each, 0, after))
    assert.equal(await use(passkey, 'nothing'), false)
    assert.equal(await use(untouched, 'nothing'), true)
    assert.equal(await use(passkey, 'first step'), true)
    assert.equal(await use(passkey, 'nothing'), true)
  })

  it('is one of ten, and ends by itself or with the others', async () => {
    const userId = await rows.user()
    const passkeys = Array.from({ length: 11 }, () => passkeyOf(userId))
    const added: boolean[] = []
    for (const passkey of passkeys) added.push(await add(passkey))
    assert.deepEqual(added, [...Array.from({ length: 10 }, () => true), false])
    assert.equal(await change((tx) => deletePasskey(tx, userId, passkeys[0]?.id ?? '')), true)
    assert.equal((await listPasskeys(database, userId)).length, 9)
    assert.equal(await change((tx) => deletePasskeys(tx, userId)), 9)
    assert.deepEqual(await listPasskeys(database, userId), [])
  })
})

describe('the encryption of the secrets', () => {
  it('is replaced in batches with an event for each, and a failure stops it', async () => {
    await sql`DELETE FROM totp_factors`
    await sql`INSERT INTO users (id, email, name) SELECT 'usr_' || n, n || '@example.com', '' FROM generate_series(1, 205) n`
    await sql`INSERT INTO totp_factors SELECT 'usr_' || n, 'old', 100 FROM generate_series(1, 205) n`
    await assert.rejects(
      reencryptTotpSecrets(database, () => Promise.reject(new Error('not decrypted')), 'test'),
      /not decrypted/,
    )
    const reencrypt = async ({ secret }: { secret: string }) => (secret === 'old' ? 'new' : undefined)
    assert.equal(await reencryptTotpSecrets(database, reencrypt, 'test'), 205)
    assert.equal(await reencryptTotpSecrets(database, reencrypt, 'test'), 0)
    const secrets = await sql`SELECT DISTINCT secret, last_step AS "lastStep" FROM totp_factors`
    assert.deepEqual([...secrets], [{ secret: 'new', lastStep: '100' }])
    const [events] = await sql`
      SELECT count(DISTINCT target_id)::int AS users FROM audit_events
      WHERE organization_id = ${DEPLOYMENT} AND action = 'user.reencrypt_factor'`
    assert.equal(events?.['users'], 205)
  })
})
