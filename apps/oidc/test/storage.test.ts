import assert, { deepEqual } from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { sweep } from '../src/provider/storage/sweeper.ts'
import { deleteUnusedAccounts } from '../src/provider/storage/unused-accounts.ts'
import { authorizationPath, browser, claimsOf, PASSWORD, redeem, refresh, revoke, testProvider } from './fixture.ts'

const provider = await testProvider({ after })
const { database } = provider
const sql = database.$client
const person = await provider.person()
const app = await provider.client(person)
const at = browser(provider, person)
const DAY_MS = 24 * 60 * 60 * 1000
const KEPT = { registrationsKeptMs: 86_400_000, consumedKeptMs: 14 * DAY_MS }

describe('the content of the database', () => {
  it('grants no access: it contains no code, token, session id, interaction id or client secret', async () => {
    const interactionIds: string[] = []
    const authorization = await at.authorize(app, { scope: 'openid offline_access' })
    for (const { name, value } of at.visitor.cookies) if (!name.endsWith('.sig')) interactionIds.push(value)
    const tokens = await redeem(provider, app, authorization)
    const refreshed = await refresh(provider, app, tokens.body['refresh_token'] ?? '')
    const secrets = [
      authorization.code,
      tokens.body['refresh_token'],
      refreshed.body['refresh_token'],
      app.secret,
      PASSWORD,
      tokens.body['access_token'],
      tokens.body['id_token'],
      ...interactionIds,
    ]
    const tables =
      await sql`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`
    const everything = []
    for (const { name } of tables)
      everything.push(...(await sql.unsafe(`SELECT row_to_json(t)::text AS row FROM ${name} t`)))
    const text = everything.map(({ row }) => row).join('\n')
    for (const secret of secrets) {
      assert.ok(secret && secret.length >= 16)
      assert.ok(!text.includes(secret), `found ${secret}`)
    }
    // Look-up columns contain digests instead.
    const [found] = await sql`SELECT payload FROM oidc_artifacts WHERE digest = ${digestOf(authorization.code)}`
    assert.equal(found?.['payload'].kind, 'AuthorizationCode')
  })

  it('stores an interaction without its id', async () => {
    const { visitor } = browser(provider, person)
    const { location } = await visitor.get(authorizationPath(app))
    const uid = location?.pathname.split('/').pop() ?? ''
    const [row] = await sql`SELECT payload::text AS text FROM oidc_artifacts WHERE digest = ${digestOf(uid)}`
    assert.ok(row && !row['text'].includes(uid))
  })
})

describe('the log', () => {
  it('contains none of the secrets of the requests', async () => {
    const authorization = await at.authorize(app, { scope: 'openid offline_access' })
    const tokens = await redeem(provider, app, authorization)
    await redeem(provider, app, { ...authorization, verifier: 'v'.repeat(50) })
    await refresh(provider, app, `${tokens.body['refresh_token']}x`)
    await redeem(provider, { ...app, secret: `${app.secret}x` }, authorization)
    await revoke(provider, app, tokens.body['access_token'] ?? '')
    const text = provider.log.text()
    assert.ok(text.includes('/oauth/token'))
    for (const secret of [
      authorization.code,
      authorization.verifier,
      tokens.body['refresh_token'],
      tokens.body['access_token'],
      tokens.body['id_token'],
      app.secret,
      PASSWORD,
      provider.secrets.cookies,
      provider.secrets.signingKeys,
      ...at.visitor.cookies.map(({ value }) => value),
    ]) {
      assert.ok(secret && !text.includes(secret), `found ${secret}`)
    }
  })
})

describe('the sweeper', () => {
  it('removes expired rows, and keeps those that are needed to detect reuse', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid offline_access' }))
    await refresh(provider, app, body['refresh_token'] ?? '')
    const grant = String(claimsOf(body['access_token'])['gid'])
    const left = async () =>
      (
        await sql`SELECT model, consumed_at IS NOT NULL AS consumed FROM oidc_artifacts WHERE grant_id = ${grant} ORDER BY 1, 2`
      ).map(({ model, consumed }) => `${model}${consumed ? ' consumed' : ''}`)

    await sql`UPDATE oidc_artifacts SET expires_at = now() - interval '2 minutes' WHERE model = 'AuthorizationCode'`
    await sql`UPDATE oidc_artifacts SET expires_at = now() - interval '30 seconds' WHERE model = 'Interaction'`
    const { artifacts, grants } = await sweep(database, KEPT)
    assert.ok(artifacts >= 1)
    assert.equal(grants, 0)
    deepEqual(await left(), ['RefreshToken', 'RefreshToken consumed'])

    await sql`UPDATE grants SET expires_at = now() - interval '2 days' WHERE id = ${grant}`
    assert.equal((await sweep(database, KEPT)).grants, 1)
    assert.deepEqual(await left(), [])
    assert.deepEqual((await refresh(provider, app, body['refresh_token'] ?? '')).body['error'], 'invalid_grant')
  })

  it('removes a consumed refresh token after the reuse-detection window, and detects its reuse until then', async () => {
    for (const [consumedDaysAgo, isNoticed] of [
      [13.9, true],
      [14.1, false],
    ] as const) {
      const { body } = await redeem(provider, app, await at.authorize(app, { scope: 'openid offline_access' }))
      const first = body['refresh_token'] ?? ''
      const second = (await refresh(provider, app, first)).body['refresh_token'] ?? ''
      await sql`UPDATE oidc_artifacts SET consumed_at = now() - make_interval(secs => ${consumedDaysAgo * 86_400})
        WHERE digest = ${digestOf(first)}`
      await sweep(database, KEPT)
      const left = await sql`SELECT FROM oidc_artifacts WHERE digest = ${digestOf(first)}`
      assert.equal(left.length, isNoticed ? 1 : 0, `${consumedDaysAgo} days`)
      assert.equal((await refresh(provider, app, first)).body['error'], 'invalid_grant')
      const successor = await refresh(provider, app, second)
      assert.equal(successor.body['error'], isNoticed ? 'invalid_grant' : undefined, `${consumedDaysAgo} days`)
    }
  })

  it('removes an unusable mailed token once it counts towards no limit', async () => {
    const mail = async (days: number) => {
      const { userId } = await provider.person()
      await sql`INSERT INTO email_verifications (user_id, email, token_digest, expires_at, sent_at, sent_since)
        SELECT ${userId}, 'a@example.com', sha256(${userId}::bytea), t, t, t
        FROM (SELECT now() - make_interval(secs => ${days * 86_400}) AS t) AS at`
      return userId
    }
    const [kept, gone] = [await mail(1.5), await mail(2.5)]
    await sweep(database, KEPT)
    const left = await sql`SELECT user_id FROM email_verifications WHERE user_id IN (${kept}, ${gone})`
    assert.deepEqual([...left], [{ user_id: kept }])
  })

  it('keeps a grant that API keys were created with', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app))
    const grant = String(claimsOf(body['access_token'])['gid'])
    await sql`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, parent_grant_id)
      VALUES ('key_test', ${person.organizationId}, ${person.userId}, 'child', '{read:sandboxes}', ${grant})`
    await sql`UPDATE grants SET expires_at = now() - interval '2 days' WHERE id = ${grant}`
    assert.equal((await sweep(database, KEPT)).grants, 0)
  })
})

describe('unused accounts', () => {
  it('with an unverified address are deleted with an audit event, and others stay', async () => {
    const [unused, verified, recent] = [await provider.person(), await provider.person(), await provider.person()]
    await sql`UPDATE users SET created_at = now() - interval '8 days' WHERE id IN (${unused.userId}, ${verified.userId})`
    await sql`UPDATE users SET email_verified = false WHERE id IN (${unused.userId}, ${recent.userId})`
    // As several processes do at once.
    const deleted = await Promise.all([1, 2, 3].map(() => deleteUnusedAccounts(database, { keptMs: 7 * DAY_MS })))
    assert.equal(
      deleted.reduce((sum, count) => sum + count),
      1,
    )
    const left = await sql`SELECT id FROM users
      WHERE id IN (${unused.userId}, ${verified.userId}, ${recent.userId}) AND deleted_at IS NULL`
    assert.deepEqual(left.map(({ id }) => id).sort(), [verified.userId, recent.userId].sort())
    const events = await sql`SELECT source, metadata ->> 'reason' AS reason FROM audit_events
      WHERE action = 'user.delete' AND organization_id = ${unused.organizationId}`
    assert.deepEqual([...events], [{ source: 'system', reason: 'the address was never verified' }])
  })
})
