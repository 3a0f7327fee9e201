import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { insertApiKey } from '@daytona-auth/db/api-keys'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { newId } from '@daytona-auth/db/core'
import { browser, claimsOf, post, redeem, refresh, revoke, testProvider, userinfo } from './fixture.ts'

const TEST_AUTHORITY = systemAuthority('test')

const provider = await testProvider({ after })
const person = await provider.person()
const app = await provider.client(person)
const other = await provider.client(person)
const spa = await provider.client(person, { type: 'spa' })
const otherSpa = await provider.client(person, { type: 'spa' })
const at = browser(provider, person)

const obtainTokens = async (client = app) => {
  const { body } = await redeem(provider, client, await at.authorize(client, { scope: 'openid offline_access' }))
  return { access: body['access_token'] ?? '', refreshing: body['refresh_token'] ?? '' }
}
const isActive = async (access: string) => (await userinfo(provider, access)).status === 200

describe('POST /oauth/revoke', () => {
  it('requires client authentication', async () => {
    const { access } = await obtainTokens()
    const { status, body } = await revoke(provider, { ...app, secret: 'wrong' }, access)
    assert.deepEqual([status, body['error']], [401, 'invalid_client'])
    assert.ok(await isActive(access))
  })

  for (const kind of ['access', 'refreshing'] as const) {
    it(`refuses a confidential app's request for a token of another client (${kind})`, async () => {
      const tokens = await obtainTokens()
      const { status, body } = await revoke(provider, other, tokens[kind])
      assert.deepEqual(
        [status, body],
        [
          400,
          {
            error: 'invalid_request',
            error_description: 'client is not authorized to revoke the presented token',
          },
        ],
      )
      assert.ok(await isActive(tokens.access))
    })

    it(`reveals nothing to a public app about a token of another client (${kind})`, async () => {
      const tokens = await obtainTokens(spa)
      const { status, body } = await revoke(provider, otherSpa, tokens[kind])
      assert.deepEqual([status, body], [200, {}])
      assert.ok(await isActive(tokens.access))
    })

    it(`revokes the whole grant of a token (${kind})`, async () => {
      for (const client of [app, spa]) {
        const tokens = await obtainTokens(client)
        const { status, body } = await revoke(provider, client, tokens[kind])
        assert.deepEqual([status, body], [200, {}])
        assert.ok(!(await isActive(tokens.access)))
        const { status: refused, body: why } = await refresh(provider, client, tokens.refreshing)
        assert.deepEqual([refused, why['error']], [400, 'invalid_grant'])
        const [event] = await provider.database.$client`SELECT actor_id, source, ip_address, metadata FROM audit_events
          WHERE action = 'grant.revoke' AND target_id = ${String(claimsOf(tokens.access)['gid'])}`
        assert.deepEqual(event, {
          actor_id: person.userId,
          source: 'provider',
          ip_address: '127.0.0.1',
          metadata: { clientId: client.clientId, reason: 'revoked by the app' },
        })
      }
    })
  }

  it('revokes the API keys that were created with the grant, and records each', async () => {
    const { $client: sql } = provider.database
    const { userId, organizationId } = person
    const tokens = await obtainTokens()
    const grant = String(claimsOf(tokens.access)['gid'])
    const keyMade = async (by: 'parent_grant_id' | 'parent_key_id', parent: string) => {
      const id = newId('key')
      const { digest, hint } = mintKey()
      const event = {
        organizationId,
        actorId: null,
        actorEmail: null,
        source: 'test',
        action: 'api_key.create',
      } as const
      await inAudit(provider.database, TEST_AUTHORITY, event, async (tx) => {
        const key = { id, userId, name: id, permissions: ['read:volumes'], expiresAt: null, organizationIds: [] }
        await insertApiKey(tx, organizationId, key, { digest, hint })
      })
      await sql`UPDATE api_keys SET ${sql(by)} = ${parent} WHERE id = ${id}`
      return id
    }
    const child = await keyMade('parent_grant_id', grant)
    const family = [child, await keyMade('parent_key_id', child)]
    const stranger = await keyMade('parent_grant_id', String(claimsOf((await obtainTokens()).access)['gid']))
    assert.equal((await revoke(provider, app, tokens.access)).status, 200)
    const events = await sql`
      SELECT target_id, organization_id, actor_id, source, metadata FROM audit_events
      WHERE action = 'api_key.delete' ORDER BY target_id`
    assert.deepEqual(
      [...events],
      family.toSorted().map((id) => ({
        target_id: id,
        organization_id: organizationId,
        actor_id: userId,
        source: 'provider',
        metadata: { keyId: id, keyName: id, endedBy: `grant.revoke ${grant}`, reason: 'revoked by the app' },
      })),
    )
    const [active] = await sql`SELECT array_agg(id) AS ids FROM api_keys WHERE status = 'active'`
    assert.deepEqual(active, { ids: [stranger] })
  })

  it('revokes a grant even if no audit trail can record it', async () => {
    const tokens = await obtainTokens()
    await provider.database.$client`UPDATE organizations SET personal = false WHERE created_by = ${person.userId}`
    try {
      assert.equal((await revoke(provider, app, tokens.refreshing)).status, 200)
      assert.ok(!(await isActive(tokens.access)))
    } finally {
      await provider.database.$client`UPDATE organizations SET personal = true WHERE created_by = ${person.userId}`
    }
  })

  it('does not affect other grants of the same person and app', async () => {
    const [kept, ended] = [await obtainTokens(), await obtainTokens()]
    await revoke(provider, app, ended.access)
    assert.ok(await isActive(kept.access))
    assert.equal((await refresh(provider, app, kept.refreshing)).status, 200)
  })

  it('answers 200 to an unknown, expired or malformed token', async () => {
    const { access } = await obtainTokens()
    const [header, , signature] = access.split('.')
    const forged = Buffer.from(JSON.stringify({ ...claimsOf(access), client_id: app.clientId })).toString('base64url')
    for (const token of [
      'unknown',
      `${header}.${forged}.${signature?.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
      'a.b.c',
      'dta_x',
      'é'.repeat(3000),
    ]) {
      const { status, body } = await revoke(provider, app, token)
      assert.deepEqual([status, body], [200, {}], token.slice(0, 20))
    }
    assert.ok(await isActive(access))
    await revoke(provider, app, access)
    assert.equal((await revoke(provider, app, access)).status, 200)
  })

  it('does not accept an id_token as an access token', async () => {
    const { body } = await redeem(provider, app, await at.authorize(app))
    assert.equal((await revoke(provider, app, body['id_token'] ?? '')).status, 200)
    assert.ok(await isActive(body['access_token'] ?? ''))
  })

  it('ignores a wrong hint, and refuses a repeated or missing token', async () => {
    const tokens = await obtainTokens()
    const hinted = { token: tokens.refreshing, token_type_hint: 'access_token' }
    assert.equal((await post(provider, '/oauth/revoke', app, hinted)).status, 200)
    assert.ok(!(await isActive(tokens.access)))
    const missing = await post(provider, '/oauth/revoke', app, {})
    assert.deepEqual([missing.status, missing.body['error']], [400, 'invalid_request'])
  })
})
