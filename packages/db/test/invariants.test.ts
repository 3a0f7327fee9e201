import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const rows = rowsOf(database)

describe('invariants for every writer', () => {
  const refusedWith = (code: string) => (error: unknown) => {
    assert.equal((error as { code?: string }).code, code)
    return true
  }
  const revoke = (grant: string) => database.$client`UPDATE grants SET revoked_at = now() WHERE id = ${grant}`

  it('refuses an artifact of a revoked or unknown grant', async () => {
    const grant = await rows.grant(await rows.user())
    await revoke(grant)
    await assert.rejects(rows.artifact(grant), refusedWith('DA001'))
    await assert.rejects(rows.artifact('grant_unknown' as typeof grant), refusedWith('DA001'))
  })

  it('deletes the artifacts of a grant that is revoked', async () => {
    const grant = await rows.grant(await rows.user())
    await rows.artifact(grant)
    await revoke(grant)
    const left = await database.$client`SELECT 1 FROM oidc_artifacts WHERE grant_id = ${grant}`
    assert.equal(left.length, 0)
  })

  it('leaves no artifact of a grant that is revoked while the artifact is being written', async () => {
    const { $client: sql } = database
    const grant = await rows.grant(await rows.user())
    const inserted = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const insert = sql.begin(async (tx) => {
      await tx`INSERT INTO oidc_artifacts (model, digest, payload, grant_id, expires_at)
        VALUES ('RefreshToken', ${Buffer.from('winner')}, '{}', ${grant}, now())`
      inserted.resolve()
      await goOn.promise
    })
    await inserted.promise
    const revoked = revoke(grant).execute()
    goOn.resolve()
    await Promise.all([insert, revoked])
    assert.deepEqual([...(await sql`SELECT 1 FROM oidc_artifacts WHERE grant_id = ${grant}`)], [])
  })

  it('keeps a revoked grant revoked, for every statement', async () => {
    const grant = await rows.grant(await rows.user())
    await revoke(grant)
    await assert.rejects(
      database.$client`UPDATE grants SET revoked_at = NULL WHERE id = ${grant}`.execute(),
      refusedWith('DA003'),
    )
  })

  it('revokes the grants of a deleted client, and deletes its consents', async () => {
    const { $client: sql } = database
    const user = await rows.user()
    await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes) VALUES ('app_gone', 'Gone', 'spa', '{}', '{}')`
    const grant = await rows.grant(user, 'app_gone')
    await sql`INSERT INTO consents (user_id, client_id, scopes) VALUES (${user}, 'app_gone', '{}')`
    await sql`DELETE FROM oidc_clients WHERE id = 'app_gone'`
    const [{ revokedAt } = {}] = await sql`SELECT revoked_at AS "revokedAt" FROM grants WHERE id = ${grant}`
    assert.ok(revokedAt)
    assert.equal((await sql`SELECT 1 FROM consents WHERE client_id = 'app_gone'`).length, 0)
  })

  it('refuses a key whose parent key or grant has ended', async () => {
    const user = await rows.user()
    const home = await rows.organization(user)
    const parentKey = await rows.key(user, home, { name: 'parent' })
    await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id = ${parentKey}`
    await assert.rejects(rows.key(user, home, { name: 'child', parentKey }), refusedWith('DA002'))

    const parentGrant = await rows.grant(user)
    await revoke(parentGrant)
    await assert.rejects(rows.key(user, home, { name: 'child', parentGrant }), refusedWith('DA002'))
  })

  it('revokes the descendants of a key with it', async () => {
    const user = await rows.user()
    const home = await rows.organization(user)
    const parentKey = await rows.key(user, home, { name: 'parent' })
    const child = await rows.key(user, home, { name: 'child', parentKey })
    const grandchild = await rows.key(user, home, { name: 'grandchild', parentKey: child })
    await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id = ${parentKey}`
    assert.deepEqual([await rows.keyStatus(child), await rows.keyStatus(grandchild)], ['revoked', 'revoked'])
  })

  it('revokes the keys made with a grant when it is revoked', async () => {
    const user = await rows.user()
    const parentGrant = await rows.grant(user)
    const key = await rows.key(user, await rows.organization(user), { parentGrant })
    await revoke(parentGrant)
    assert.equal(await rows.keyStatus(key), 'revoked')
  })

  it('refuses a child in an organization in which its parent may not act', async () => {
    const user = await rows.user()
    const [home, other] = [await rows.organization(user), await rows.organization(user)]
    const parentKey = await rows.key(user, home, { name: 'parent' })
    await assert.rejects(
      rows.key(user, home, { name: 'child', parentKey, reaches: [home, other] }),
      refusedWith('DA002'),
    )
  })

  it('removes from a child the organization that its parent loses', async () => {
    const user = await rows.user()
    const [home, other] = [await rows.organization(user), await rows.organization(user)]
    const parentKey = await rows.key(user, home, { name: 'parent', reaches: [home, other] })
    const wide = await rows.key(user, home, { name: 'wide', parentKey, reaches: [home, other] })
    const housed = await rows.key(user, other, { name: 'housed', parentKey })
    await database.$client`DELETE FROM api_key_organizations WHERE key_id = ${parentKey} AND organization_id = ${other}`
    assert.deepEqual(await rows.reach(wide), [home])
    assert.equal(await rows.keyStatus(wide), 'active')
    assert.equal(await rows.keyStatus(housed), 'revoked')
  })

  it('frees the name of an ended key, and never activates a key again', async () => {
    const user = await rows.user()
    const home = await rows.organization(user)
    const first = await rows.key(user, home, { name: 'same' })
    await assert.rejects(rows.key(user, home, { name: 'same' }), refusedWith('23505'))
    await database.$client`UPDATE api_keys SET status = 'expired' WHERE id = ${first}`
    await rows.key(user, home, { name: 'same' })
    await assert.rejects(
      database.$client`UPDATE api_keys SET status = 'active' WHERE id = ${first}`.execute(),
      refusedWith('DA003'),
    )
  })
})
