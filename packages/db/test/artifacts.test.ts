import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql as drizzle } from 'drizzle-orm'
import { newId, type UserId } from '../src/core/index.ts'
import {
  advanceDeviceCode,
  approveDeviceCode,
  confirmSuccessor,
  consumeArtifact,
  consumeOnce,
  deleteArtifact,
  findArtifact,
  findDeviceCode,
  findEnabledAccount,
  findRedeemable,
  findRedeemables,
  findSession,
  insertOnce,
  type NewArtifact,
  type NewGrant,
  putArtifact,
  redeemArtifact,
  renewSession,
  revokeGrant,
  sweepArtifacts,
  sweepConsumedRefreshTokens,
} from '../src/grants/index.ts'
import { rowsOf } from './rows.ts'
import { refusedWith, transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)

const LATER = Math.floor(Date.now() / 1000) + 3600
const GRACE = 10

const artifact = (more: Partial<NewArtifact> = {}): NewArtifact => ({
  model: 'RefreshToken',
  digest: randomBytes(32),
  payload: { kind: 'first' },
  grantId: null,
  accountId: null,
  clientId: null,
  uid: null,
  userCode: null,
  expiresAt: LATER,
  ...more,
})
async function put(more: Partial<NewArtifact> = {}): Promise<NewArtifact> {
  const made = artifact(more)
  await putArtifact(database, made)
  return made
}

/** Inserts a grant of an enabled user with a stored refresh token. */
async function issued(more: Partial<NewArtifact> = {}) {
  const user = await rows.user({ isVerified: true })
  const clientId = await rows.client({ scopes: ['openid', 'read:volumes'] })
  const grantId = await rows.grant(user, clientId, { scopes: ['openid', 'read:volumes', 'write:volumes'] })
  return { user, clientId, grantId, token: await put({ grantId, accountId: user, clientId, ...more }) }
}
const disable = (user: UserId) => sql`UPDATE users SET disabled_at = now() WHERE id = ${user}`
const revoke = (grantId: string) => change((tx) => revokeGrant(tx, grantId, 'test'))
/** Moves the consumption back, relative to now. */
const consumedAgo = ({ digest }: NewArtifact, ago: string) =>
  sql`UPDATE oidc_artifacts SET consumed_at = now() - ${ago}::interval WHERE digest = ${digest}`
const exists = async (given: NewArtifact) => (await findArtifact(database, given)) !== undefined
const isConsumed = async (given: NewArtifact) => (await findArtifact(database, given))?.consumedAt !== null

describe('an artifact', () => {
  it('is found by its model and digest together', async () => {
    const made = await put({ payload: { scope: 'openid', nested: { list: [1, null] } } })
    assert.deepEqual(await findArtifact(database, made), { payload: made.payload, consumedAt: null })
    assert.equal(await findArtifact(database, { ...made, model: 'AccessToken' }), undefined)
    assert.equal(await findArtifact(database, artifact()), undefined)
  })

  it('is replaced by another one of the same key, and keeps its grant and its consumption', async () => {
    const { token, user, grantId } = await issued()
    await redeemArtifact(database, token, grantId)
    await putArtifact(database, {
      ...token,
      grantId: null,
      payload: { kind: 'second' },
      accountId: user,
      clientId: 'app_b',
      uid: 'u',
      expiresAt: LATER + 1,
    })
    const [row] = await sql`SELECT payload, grant_id, client_id, uid, extract(epoch FROM expires_at)::float8 AS expires,
      consumed_at IS NOT NULL AS "isConsumed" FROM oidc_artifacts WHERE digest = ${token.digest}`
    assert.deepEqual(row, {
      payload: { kind: 'second' },
      grant_id: grantId,
      client_id: 'app_b',
      uid: 'u',
      expires: LATER + 1,
      isConsumed: true,
    })
  })

  it('is not stored under a grant that is revoked or unknown', async () => {
    const { grantId, token } = await issued()
    await revoke(grantId)
    for (const id of [grantId, newId('grant')]) await assert.rejects(put({ grantId: id }), refusedWith('DA001'))
    assert.equal(await exists(token), false, 'the revocation has deleted it')
  })

  it('is deleted alone', async () => {
    const digest = randomBytes(32)
    const [one, same] = [await put({ digest }), await put({ digest, model: 'AuthorizationCode' })]
    await deleteArtifact(database, one)
    assert.deepEqual([await exists(one), await exists(same)], [false, true])
    await deleteArtifact(database, one)
  })
})

describe('an artifact without a grant', () => {
  it('is consumed once, also by concurrent requests, and under its own model only', async () => {
    const made = await put({ model: 'PushedAuthorizationRequest' })
    assert.equal(await consumeOnce(database, { ...made, model: 'AuthorizationCode' }), false)
    const results = await Promise.all(Array.from({ length: 10 }, () => consumeOnce(database, made)))
    assert.equal(results.filter((isConsumed) => isConsumed).length, 1)
    assert.equal(await isConsumed(made), true)
    assert.equal(await consumeOnce(database, artifact()), false)
  })
})

describe('a value that is accepted once', () => {
  it('is remembered for the first of concurrent requests', async () => {
    const value = { model: 'ReplayDetection', digest: randomBytes(32), clientId: 'app_a', expiresAt: LATER }
    const results = await Promise.all(Array.from({ length: 10 }, () => insertOnce(database, value)))
    assert.equal(results.filter((isFirst) => isFirst).length, 1)
    assert.equal(await insertOnce(database, { ...value, digest: randomBytes(32) }), true)
    const [row] = await sql`SELECT client_id, extract(epoch FROM expires_at)::float8 AS expires FROM oidc_artifacts
      WHERE digest = ${value.digest}`
    assert.deepEqual(row, { client_id: 'app_a', expires: LATER })
  })
})

describe('a redeemable artifact', () => {
  it('is found with its account, its grant, and the scopes that grant and client still have', async () => {
    const { token, user } = await issued()
    await sql`UPDATE users SET language = 'en', chosen_language = 'de', time_zone = 'UTC' WHERE id = ${user}`
    const found = await findRedeemable(database, token, GRACE)
    assert.ok(found?.account)
    const { updatedAt, ...account } = found.account
    assert.deepEqual(account, {
      id: user,
      name: 'Ada',
      email: `${user}@example.com`,
      emailVerified: true,
      chosenLanguage: 'de',
      timeZone: 'UTC',
    })
    assert.ok(Number.isInteger(updatedAt))
    assert.deepEqual(
      [found.payload, found.consumedAt, found.justConsumed, found.grant, found.grantScopes],
      [token.payload, null, false, {}, ['openid', 'read:volumes']],
    )
    assert.equal(await findRedeemable(database, artifact(), GRACE), undefined)
  })

  it('has no account of a disabled user, and no grant that is revoked', async () => {
    const { token, user } = await issued()
    await disable(user)
    const found = await findRedeemable(database, token, GRACE)
    assert.deepEqual([found?.account, found?.grant], [null, {}])
    // By trigger a revocation deletes its artifacts: this one has not run.
    const revoked = await issued()
    await sql.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`
      await tx`UPDATE grants SET revoked_at = now() WHERE id = ${revoked.grantId}`
    })
    const left = await findRedeemable(database, revoked.token, GRACE)
    assert.deepEqual([left?.grant, left?.grantScopes], [null, null])
    const orphan = await put({ accountId: newId('usr') })
    const alone = await findRedeemable(database, orphan, GRACE)
    assert.deepEqual([alone?.account, alone?.grant, alone?.grantScopes], [null, null, null])
  })

  it('is found among others, each with its own grant, and not under another model', async () => {
    const tokens = await Promise.all([issued(), issued(), issued()])
    const digests = [randomBytes(32), ...tokens.map(({ token }) => token.digest)]
    const found = await findRedeemables(database, { model: 'RefreshToken', digests }, GRACE)
    const users = new Map(found.map(({ digest, account }) => [Buffer.from(digest).toString('hex'), account?.id]))
    assert.deepEqual(
      tokens.map(({ token }) => users.get(Buffer.from(token.digest).toString('hex'))),
      tokens.map(({ user }) => user),
    )
    assert.equal(found.length, 3)
    assert.equal((await findRedeemables(database, { model: 'AuthorizationCode', digests }, GRACE)).length, 0)
  })

  for (const [ago, expected] of [
    ['0 seconds', true],
    [`${GRACE - 1} seconds`, true],
    [`${GRACE} seconds`, false],
    ['1 hour', false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}just consumed ${ago} after its consumption, with a grace of ${GRACE} s`, async () => {
      const { token } = await issued()
      await consumedAgo(token, ago)
      assert.equal((await findRedeemable(database, token, GRACE))?.justConsumed, expected)
    })
  }
})

/** The ways to consume an artifact: what disables a user refuses the first one only. */
const CONSUMPTIONS = {
  redeemArtifact: { consume: redeemArtifact, afterDisabling: false },
  consumeArtifact: { consume: consumeArtifact, afterDisabling: true },
} as const

for (const [name, { consume, afterDisabling }] of Object.entries(CONSUMPTIONS)) {
  describe(name, () => {
    it('consumes an artifact once', async () => {
      const { token, grantId } = await issued()
      assert.deepEqual([await consume(database, token, grantId), await isConsumed(token)], [true, true])
      assert.equal(await consume(database, token, grantId), false)
    })

    it('consumes none of another grant, model or digest', async () => {
      const [mine, foreign] = [await issued(), await issued()]
      assert.equal(await consume(database, mine.token, foreign.grantId), false)
      assert.equal(await consume(database, { ...mine.token, model: 'AuthorizationCode' }, mine.grantId), false)
      assert.equal(await consume(database, artifact(), mine.grantId), false)
      assert.deepEqual([await isConsumed(mine.token), await isConsumed(foreign.token)], [false, false])
    })

    it(`${afterDisabling ? 'consumes' : 'consumes none'} of a disabled user`, async () => {
      const { token, grantId, user } = await issued()
      await disable(user)
      assert.deepEqual(
        [await consume(database, token, grantId), await isConsumed(token)],
        [afterDisabling, afterDisabling],
      )
    })

    it(`waits while the user is disabled, and then ${afterDisabling ? 'consumes' : 'consumes nothing'}`, async () => {
      const { token, grantId, user } = await issued()
      const [, isDone] = await waits(
        (tx) => tx.execute(drizzle`UPDATE users SET disabled_at = now() WHERE id = ${user}`),
        () => consume(database, token, grantId),
      )
      assert.equal(isDone, afterDisabling)
    })

    it('waits for a revocation of the grant, and consumes nothing after it', async () => {
      const { token, grantId } = await issued()
      const [, isDone] = await waits(
        (tx) => revokeGrant(tx, grantId, 'test'),
        () => consume(database, token, grantId),
      )
      assert.equal(isDone, false)
    })
  })
}

describe('redeemArtifact with a successor', () => {
  it('stores the successor in the same statement', async () => {
    const { token, grantId, user, clientId } = await issued()
    const next = artifact({ grantId, accountId: user, clientId, payload: { kind: 'next' } })
    assert.equal(await redeemArtifact(database, token, grantId, next), true)
    assert.deepEqual(
      [await isConsumed(token), await findArtifact(database, next)],
      [true, { payload: next.payload, consumedAt: null }],
    )
  })

  it('stores no second successor, and none for a disabled user', async () => {
    const { token, grantId, user } = await issued()
    const successors = [artifact({ grantId }), artifact({ grantId }), artifact({ grantId })] as const
    await redeemArtifact(database, token, grantId, successors[0])
    assert.equal(await redeemArtifact(database, token, grantId, successors[1]), false)
    await disable(user)
    assert.equal(await redeemArtifact(database, successors[0], grantId, successors[2]), false)
    assert.deepEqual(await Promise.all(successors.map(exists)), [true, false, false])
    assert.equal(await isConsumed(successors[0]), false)
  })

  it('lets one of many concurrent redemptions win', async () => {
    const { token, grantId } = await issued()
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => redeemArtifact(database, token, grantId, artifact({ grantId }))),
    )
    assert.equal(outcomes.filter(Boolean).length, 1)
    const stored = await sql`SELECT FROM oidc_artifacts WHERE grant_id = ${grantId}`
    assert.equal(stored.length, 2)
  })
})

describe('confirmSuccessor', () => {
  async function rotated() {
    const { token, grantId, user } = await issued()
    const next = artifact({ grantId })
    await redeemArtifact(database, token, grantId, next)
    return { token, grantId, user, next, used: { key: token, grantId, successor: next.digest } }
  }

  it('confirms a successor that is unused, within the grace', async () => {
    const { used, token } = await rotated()
    assert.equal(await confirmSuccessor(database, used, GRACE), true)
    await consumedAgo(token, `${GRACE - 1} seconds`)
    assert.equal(await confirmSuccessor(database, used, GRACE), true)
  })

  for (const [what, alter] of Object.entries({
    'after the grace': ({ token }) => consumedAgo(token, `${GRACE} seconds`),
    'of a disabled user': ({ user }) => disable(user),
    'that has been used': ({ next, grantId }) => redeemArtifact(database, next, grantId),
    'that has expired': ({ next }) => sql`UPDATE oidc_artifacts SET expires_at = now() WHERE digest = ${next.digest}`,
    'that is gone': ({ next }) => deleteArtifact(database, next),
    'of a token that is gone': ({ token }) => deleteArtifact(database, token),
    'of a token that was never consumed': ({ token }) =>
      sql`UPDATE oidc_artifacts SET consumed_at = NULL WHERE digest = ${token.digest}`,
    'of another grant': async ({ next }) =>
      sql`UPDATE oidc_artifacts SET grant_id = ${(await issued()).grantId} WHERE digest = ${next.digest}`,
    'of a revoked grant': ({ grantId }) => revoke(grantId),
  } satisfies Record<string, (made: Awaited<ReturnType<typeof rotated>>) => PromiseLike<unknown>>)) {
    it(`confirms none ${what}`, async () => {
      const made = await rotated()
      await alter(made)
      assert.equal(await confirmSuccessor(database, made.used, GRACE), false)
    })
  }
})

describe('a browser session', () => {
  const saved = async (more: Partial<NewArtifact> = {}) => put({ model: 'Session', uid: newId('evt'), ...more })

  it('is found by its digest or its uid, with its account', async () => {
    const user = await rows.user()
    const session = await saved({ accountId: user })
    for (const by of [{ digest: session.digest }, { uid: session.uid ?? '' }]) {
      const found = await findSession(database, by)
      assert.deepEqual([found?.payload, found?.consumedAt, found?.account?.id], [session.payload, null, user])
    }
    assert.equal(await findSession(database, { digest: randomBytes(32) }), undefined)
  })

  it('is found without an account before the sign-in, and not at all for a disabled user', async () => {
    assert.equal((await findSession(database, { digest: (await saved()).digest }))?.account, null)
    const user = await rows.user()
    const session = await saved({ accountId: user })
    await disable(user)
    for (const by of [{ digest: session.digest }, { uid: session.uid ?? '' }])
      assert.equal(await findSession(database, by), undefined)
  })

  it('is no artifact of another model', async () => {
    const token = await put({ uid: newId('evt') })
    assert.equal(await findSession(database, { uid: token.uid ?? '' }), undefined)
    assert.equal(await findSession(database, { digest: token.digest }), undefined)
  })

  it('is saved under a new id, which invalidates the old one', async () => {
    const before = await saved()
    const renewed = artifact({ ...before, digest: randomBytes(32), payload: { kind: 'renewed' } })
    assert.equal(await renewSession(database, before.digest, renewed), true)
    assert.deepEqual([await exists(before), (await findArtifact(database, renewed))?.payload], [false, renewed.payload])
    assert.equal(await renewSession(database, renewed.digest, { ...renewed, payload: { kind: 'same id' } }), true)
    assert.deepEqual((await findArtifact(database, renewed))?.payload, { kind: 'same id' })
  })

  it('is not restored after it has ended', async () => {
    const before = await saved()
    await deleteArtifact(database, before)
    assert.equal(await renewSession(database, before.digest, before), false)
    const token = await put()
    assert.equal(await renewSession(database, token.digest, { ...before, digest: randomBytes(32) }), false)
    assert.equal(await exists(before), false)
  })
})

describe('findEnabledAccount', () => {
  it('finds an enabled user, with the last change in whole seconds', async () => {
    const user = await rows.user({ name: 'Grace' })
    await sql`UPDATE users SET updated_at = '2026-01-02T03:04:05.999Z' WHERE id = ${user}`
    const updatedAt = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000
    assert.deepEqual(await findEnabledAccount(database, user), {
      id: user,
      name: 'Grace',
      email: `${user}@example.com`,
      emailVerified: false,
      chosenLanguage: null,
      timeZone: null,
      updatedAt,
      hasSecondFactor: false,
    })
    await sql`UPDATE users SET language = 'en', chosen_language = 'de', time_zone = 'Europe/Vienna' WHERE id = ${user}`
    const chosen = await findEnabledAccount(database, user)
    assert.deepEqual([chosen?.chosenLanguage, chosen?.timeZone], ['de', 'Europe/Vienna'])
    await disable(user)
    assert.equal(await findEnabledAccount(database, user), undefined)
    assert.equal(await findEnabledAccount(database, newId('usr')), undefined)
  })
})

describe('the sweepers of artifacts', () => {
  it('delete what expired a minute ago, up to a limit', async () => {
    const expiring = async (ago: string) => {
      const made = await put()
      await sql`UPDATE oidc_artifacts SET expires_at = now() - ${ago}::interval WHERE digest = ${made.digest}`
      return made
    }
    const [kept, ...due] = [
      await expiring('59 seconds'),
      await expiring('61 seconds'),
      await expiring('1 day'),
      await expiring('1 day'),
    ]
    assert.ok(kept)
    assert.deepEqual(
      [await sweepArtifacts(database, 2), await sweepArtifacts(database, 2), await sweepArtifacts(database, 2)],
      [2, 1, 0],
    )
    assert.deepEqual(await Promise.all([kept, ...due].map(exists)), [true, false, false, false])
  })

  it('delete refresh tokens that were consumed before the window of reuse detection, and no others', async () => {
    await sweepConsumedRefreshTokens(database, 0, 10_000) // those of earlier tests
    const consumed = async (ago: string, model = 'RefreshToken') => {
      const made = await put({ model })
      await consumedAgo(made, ago)
      return made
    }
    const kept = [await consumed('59 seconds'), await consumed('1 hour', 'AuthorizationCode'), await put()]
    const due = [await consumed('61 seconds'), await consumed('2 hours')]
    assert.equal(await sweepConsumedRefreshTokens(database, 60_000, 1), 1)
    assert.deepEqual(await Promise.all(due.map(exists)), [true, false], 'the oldest first')
    assert.equal(await sweepConsumedRefreshTokens(database, 60_000, 10), 1)
    assert.deepEqual(await Promise.all(kept.map(exists)), [true, true, true])
  })
})

describe('a device code', () => {
  const device = (more: Partial<NewArtifact> = {}) =>
    put({ model: 'DeviceCode', userCode: newId('evt'), payload: {}, ...more })
  const payloadOf = async (code: NewArtifact) => (await findArtifact(database, code))?.payload

  it('is found by any of the possible user codes, and by none that two devices show', async () => {
    const [one, two] = [await device(), await device()]
    const found = await findDeviceCode(database, ['other', one.userCode ?? ''])
    assert.deepEqual([Buffer.from(found?.digest ?? []), found?.payload, found?.consumedAt], [one.digest, {}, null])
    assert.equal(await findDeviceCode(database, [one.userCode ?? '', two.userCode ?? '']), undefined)
    assert.equal(await findDeviceCode(database, []), undefined)
    assert.equal(await findDeviceCode(database, [(await put({ userCode: 'of a token' })).userCode ?? '']), undefined)
  })

  it('is claimed by one browser', async () => {
    const code = await device()
    const claim = (payload: Record<string, unknown>) => advanceDeviceCode(database, { ...code, payload }, 'claim')
    assert.equal(await claim({ inFlight: true, by: 'first' }), true)
    assert.equal(await claim({ inFlight: true, by: 'second' }), false)
    assert.deepEqual(await payloadOf(code), { inFlight: true, by: 'first' })
  })

  it('is answered with an error once, claimed or not', async () => {
    for (const payload of [{}, { inFlight: true }]) {
      const code = await device({ payload })
      const fail = (error: string) => advanceDeviceCode(database, { ...code, payload: { error } }, 'error')
      assert.deepEqual([await fail('access_denied'), await fail('expired_token')], [true, false])
      assert.equal(await advanceDeviceCode(database, { ...code, payload: { inFlight: true } }, 'claim'), false)
      assert.deepEqual(await payloadOf(code), { error: 'access_denied' })
    }
  })

  it('that is approved or consumed is neither claimed nor answered', async () => {
    for (const column of ['account_id', 'consumed_at'] as const) {
      const code = await device()
      await sql`UPDATE oidc_artifacts SET ${sql(column)} = ${column === 'account_id' ? await rows.user() : new Date().toISOString()} WHERE digest = ${code.digest}`
      for (const step of ['claim', 'error'] as const)
        assert.equal(await advanceDeviceCode(database, code, step), false, `${column} ${step}`)
    }
    assert.equal(await advanceDeviceCode(database, await put({ payload: {} }), 'claim'), false, 'another model')
  })

  describe('that is approved', () => {
    async function claimed(payload: Record<string, unknown> = { inFlight: true }) {
      const user = await rows.user()
      const [home, left] = [await rows.organization(user), await rows.organization(await rows.user())]
      const clientId = await rows.client({ scopes: ['read:volumes'] })
      const grant: NewGrant = {
        id: newId('grant'),
        userId: user,
        clientId,
        scopes: ['openid', 'read:volumes', 'write:volumes'],
        organizationIds: [home, left],
        payload: { of: 'grant' },
        sessionUid: newId('evt'),
        session: null,
        isConsented: false,
        expiresAt: LATER,
        outlivesSession: true,
        resource: null,
      }
      return { user, home, grant, code: await device({ payload, clientId }) }
    }

    it('gets the grant, limited to the current scopes of the client and the memberships of the user', async () => {
      const { user, home, grant, code } = await claimed()
      assert.equal(await approveDeviceCode(database, grant, { ...code, payload: { done: true } }), true)
      const [row] =
        await sql`SELECT artifact.payload, account_id, grants.scopes, organization_ids, session_uid, grants.payload AS grant
        FROM oidc_artifacts artifact JOIN grants ON grants.id = grant_id WHERE digest = ${code.digest}`
      assert.deepEqual(row, {
        payload: { done: true },
        account_id: user,
        scopes: ['openid', 'read:volumes'],
        organization_ids: [home],
        session_uid: null,
        grant: { of: 'grant' },
      })
      assert.equal(
        await approveDeviceCode(database, { ...grant, id: newId('grant') }, code),
        false,
        'an answer is final',
      )
    })

    for (const [what, payload] of [
      ['was not claimed', {}],
      ['was denied', { inFlight: true, error: 'access_denied' }],
    ] as const) {
      it(`gets no grant if it ${what}`, async () => {
        const { grant, code } = await claimed(payload)
        assert.equal(await approveDeviceCode(database, grant, code), false)
        assert.equal((await sql`SELECT FROM grants WHERE id = ${grant.id}`).length, 0)
      })
    }

    it('gets no grant of a disabled user, or without a required consent', async () => {
      const [one, two] = [await claimed(), await claimed()]
      await disable(one.user)
      assert.equal(await approveDeviceCode(database, one.grant, one.code), false)
      assert.equal(await approveDeviceCode(database, { ...two.grant, isConsented: true }, two.code), false)
    })

    it('gets one grant from two concurrent approvals', async () => {
      const { grant, code } = await claimed()
      const approve = (id = newId('grant')) => approveDeviceCode(database, { ...grant, id }, code)
      const outcomes = await Promise.all([approve(), approve(), approve()])
      assert.equal(outcomes.filter(Boolean).length, 1)
      assert.equal((await sql`SELECT FROM grants WHERE user_id = ${grant.userId}`).length, 1)
    })
  })
})
