import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { browser, claimsOf, post, redeem, refresh, type TokenAnswer, testProvider, userinfo } from './fixture.ts'

const provider = await testProvider({ after })
const { database } = provider
const sql = database.$client
const person = await provider.person()
const app = await provider.client(person)
const at = browser(provider, person)

const PARALLEL = 50
const OFFLINE = { scope: 'openid offline_access' }
const INVALID_GRANT = { error: 'invalid_grant', error_description: 'grant request is invalid' }

const times = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: PARALLEL }, make))
const succeeded = (answers: readonly TokenAnswer[]) => answers.filter(({ status }) => status === 200)
const assertOthersDenied = (answers: readonly TokenAnswer[]) => {
  for (const { status, body } of answers) if (status !== 200) assert.deepEqual([status, body], [400, INVALID_GRANT])
}
const artifacts = (grant: string) => sql`
  SELECT model, consumed_at IS NOT NULL AS consumed FROM oidc_artifacts WHERE grant_id = ${grant} ORDER BY model, consumed`
/** Other databases of the server belong to other tests. */
const isLockAwaited = async () =>
  (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).length > 0
const grantOfCode = async () => (await sql`SELECT id FROM grants ORDER BY created_at DESC, id DESC LIMIT 1`)[0]?.['id']

describe('one code, many requests', () => {
  for (const scope of ['openid offline_access', 'openid']) {
    it(`redeems at most one of ${PARALLEL} at once for ${scope}, and then the grant is revoked`, async () => {
      const authorization = await at.authorize(app, { scope })
      const grant = await grantOfCode()
      const answers = await times(() => redeem(provider, app, authorization))
      const winners = succeeded(answers)
      assert.ok(winners.length <= 1, `${winners.length} succeeded`)
      assertOthersDenied(answers)

      const [row] = await sql`SELECT revoked_at IS NOT NULL AS revoked, revoked_reason FROM grants WHERE id = ${grant}`
      assert.deepEqual(row, { revoked: true, revoked_reason: 'code replayed' })
      assert.deepEqual([...(await artifacts(grant))], [])
      assert.equal((await sql`SELECT FROM audit_events WHERE target_id = ${grant}`).length, 1)
      for (const { body } of winners) {
        assert.equal((await userinfo(provider, body['access_token'] ?? '')).status, 401)
        if (body['refresh_token'])
          assert.deepEqual((await refresh(provider, app, body['refresh_token'])).body, INVALID_GRANT)
      }
    })
  }

  it("issues nothing if a loser's revocation comes before the winner's insert", async () => {
    const authorization = await at.authorize(app, OFFLINE)
    const grant = await grantOfCode()
    const revocation = await sql.reserve()
    try {
      // The loser has revoked the grant and has not committed: the winner, which has read everything, waits for it.
      await revocation`BEGIN`
      await revocation`UPDATE grants SET revoked_at = now(), revoked_reason = 'code replayed' WHERE id = ${grant}`
      const winner = redeem(provider, app, authorization)
      await waitFor(isLockAwaited)
      await revocation`COMMIT`
      const { status, body } = await winner
      assert.deepEqual([status, body], [400, INVALID_GRANT])
    } finally {
      revocation.release()
    }
    assert.deepEqual([...(await artifacts(grant))], [])
  })

  it("revokes the winner's tokens if the loser's revocation has waited for them", async () => {
    const authorization = await at.authorize(app, OFFLINE)
    const grant = await grantOfCode()
    const winner = await redeem(provider, app, authorization)
    assert.equal(winner.status, 200)
    await redeem(provider, app, authorization)
    assert.deepEqual([...(await artifacts(grant))], [])
  })

  it('causes no deadlock between redemptions and revocations', async () => {
    const pairs = []
    for (let i = 0; i < 20; i++)
      pairs.push({ authorization: await at.authorize(app, OFFLINE), grant: await grantOfCode() })
    // A deadlock would end one of the two with SQLSTATE 40P01: a rejection here, a 503 there.
    const answers = await Promise.all(
      pairs.flatMap(({ authorization, grant }) => [
        redeem(provider, app, authorization),
        sql`UPDATE grants SET revoked_at = now() WHERE id = ${grant} AND revoked_at IS NULL`.then(() => undefined),
        redeem(provider, app, authorization),
      ]),
    )
    assertOthersDenied(answers.filter((answer) => answer !== undefined))
    for (const { grant } of pairs) assert.deepEqual([...(await artifacts(grant))], [])
  })
})

describe('one refresh token, many requests', () => {
  it(`rotates once for ${PARALLEL} at once, which all get the one successor`, async () => {
    const { body } = await redeem(provider, app, await at.authorize(app, OFFLINE))
    const grant = String(claimsOf(body['access_token'])['gid'])
    const answers = await times(() => refresh(provider, app, body['refresh_token'] ?? ''))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(new Set(answers.map((answer) => answer.body['refresh_token'])).size, 1)

    assert.deepEqual(
      [...(await artifacts(grant))],
      [
        { model: 'AuthorizationCode', consumed: true },
        { model: 'RefreshToken', consumed: false },
        { model: 'RefreshToken', consumed: true },
      ],
    )
    const [winner] = answers
    assert.equal((await userinfo(provider, winner?.body['access_token'] ?? '')).status, 200)
    assert.equal((await refresh(provider, app, winner?.body['refresh_token'] ?? '')).status, 200)
  })

  for (const kind of ['first', 'repeated'] as const) {
    it(`issues nothing for a ${kind} request once the grant is revoked, also if that commits in between`, async () => {
      const { body } = await redeem(provider, app, await at.authorize(app, OFFLINE))
      const grant = String(claimsOf(body['access_token'])['gid'])
      const token = body['refresh_token'] ?? ''
      if (kind === 'repeated') assert.equal((await refresh(provider, app, token)).status, 200)
      const revocation = await sql.reserve()
      try {
        await revocation`BEGIN`
        await revocation`UPDATE grants SET revoked_at = now() WHERE id = ${grant}`
        const answer = refresh(provider, app, token)
        await waitFor(isLockAwaited)
        await revocation`COMMIT`
        assert.deepEqual((await answer).body, INVALID_GRANT)
      } finally {
        revocation.release()
      }
      assert.deepEqual([...(await artifacts(grant))], [])
    })
  }

  it('revokes once for any number of concurrent requests', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app, OFFLINE))
    const grant = String(claimsOf(body['access_token'])['gid'])
    const answers = await times(() => post(provider, '/oauth/revoke', app, { token: body['refresh_token'] ?? '' }))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal((await sql`SELECT FROM audit_events WHERE target_id = ${grant}`).length, 1)
  })
})
