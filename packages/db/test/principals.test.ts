import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import type { TransactionSql } from 'postgres'
import { newId } from '../src/core/id.ts'
import { findApiKeyFacts, findTokenFacts, listSigningKeyFacts, type ParentFacts } from '../src/principals/facts.ts'
import { rowsOf } from './rows.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const owner = await rows.user()
const home = await rows.organization(owner)
const other = await rows.organization(owner)

const PERSON = {
  id: owner,
  name: 'Ada',
  email: `${owner}@example.com`,
  emailVerified: false,
  isDisabled: false,
}
const member = (organizationId: string) => ({
  organizationId,
  role: 'owner',
  permissions: [],
  isSuspended: false,
  suspensionReason: null,
  suspendedUntil: null,
  requiresSecondFactor: false,
  isAppDenied: false,
})

async function keyWithSecret(...[user, organization, options]: Parameters<typeof rows.key>) {
  const id = await rows.key(user, organization, options)
  const digest = randomBytes(32)
  await sql`INSERT INTO api_key_secrets (digest, key_id, hint) VALUES (${digest}, ${id}, 'dta_hint')`
  return { id, digest }
}

describe('findApiKeyFacts', () => {
  it('finds nothing for a digest that no key has', async () => {
    assert.deepEqual(await findApiKeyFacts(sql, [randomBytes(32)]), [])
    assert.deepEqual(await findApiKeyFacts(sql, []), [])
  })

  it('returns all facts of a key', async () => {
    const { id, digest } = await keyWithSecret(owner, home, { name: 'all', reaches: [home, other] })
    const expiresAt = new Date('2030-01-02T03:04:05.678Z')
    await sql`UPDATE api_keys SET expires_at = ${expiresAt.toISOString()} WHERE id = ${id}`
    const [facts] = await findApiKeyFacts(sql, [digest])
    assert.ok(facts)
    const { memberships, user, ...key } = facts
    const { createdAt, updatedAt, ...person } = user
    assert.deepEqual(key, {
      digest,
      keyId: id,
      keyName: 'all',
      homeOrganizationId: home,
      status: 'active',
      permissions: ['read:sandboxes'],
      keyExpiresAt: expiresAt.getTime(),
      parents: [],
      hint: 'dta_hint',
      secretExpiresAt: null,
    })
    assert.deepEqual(person, PERSON)
    assert.ok(Math.abs(Date.now() - createdAt) < 60_000)
    assert.equal(updatedAt, createdAt)
    assert.deepEqual(
      memberships.toSorted((a, b) => a.organizationId.localeCompare(b.organizationId)),
      [member(home), member(other)].sort((a, b) => a.organizationId.localeCompare(b.organizationId)),
    )
  })

  it('finds many keys at once, each with its own facts', async () => {
    const keys = await Promise.all(
      Array.from({ length: 40 }, (_, place) => keyWithSecret(owner, home, { name: `key ${place}` })),
    )
    const found = await findApiKeyFacts(sql, [...keys.map(({ digest }) => digest), randomBytes(32)])
    assert.deepEqual(
      new Map(found.map(({ digest, keyId }) => [Buffer.from(digest).toString('hex'), keyId])),
      new Map(keys.map(({ digest, id }) => [digest.toString('hex'), id])),
    )
  })

  it('omits an organization after its owner loses the membership there, by any statement', async () => {
    const foreign = await rows.organization(await rows.user())
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${foreign}, ${owner}, 'member')`
    const { id, digest } = await keyWithSecret(owner, home, { name: 'far', reaches: [home, foreign] })
    await sql`DELETE FROM organization_members WHERE organization_id = ${foreign} AND user_id = ${owner}`
    const reached = await sql`SELECT organization_id FROM api_key_organizations WHERE key_id = ${id}`
    assert.deepEqual([...reached], [{ organization_id: home }])
    const [facts] = await findApiKeyFacts(sql, [digest])
    assert.deepEqual(facts?.memberships, [member(home)])
  })

  it('has whether an organization requires a second factor', async () => {
    const person = await rows.user()
    const [lenient, strict] = [await rows.organization(person), await rows.organization(person)]
    await sql`UPDATE organizations SET require_second_factor = true WHERE id = ${strict}`
    const { digest } = await keyWithSecret(person, lenient, { reaches: [lenient, strict] })
    const [facts] = await findApiKeyFacts(sql, [digest])
    assert.deepEqual(
      new Map(facts?.memberships.map((one) => [one.organizationId, one.requiresSecondFactor])),
      new Map([
        [lenient, false],
        [strict, true],
      ]),
    )
  })

  it('unites the permissions of a member from roles of the organization and built-in ones only', async () => {
    const person = await rows.user()
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${home}, ${person}, 'member')`
    await sql`INSERT INTO roles (id, organization_id, name, permissions) VALUES
      ('role_here', ${home}, 'Here', '{read:volumes,write:volumes}'), ('role_there', ${other}, 'There', '{admin:organization}'),
      ('role_global', NULL, 'Global', '{read:snapshots}')`
    await sql`INSERT INTO member_roles (organization_id, user_id, role_id) VALUES
      (${home}, ${person}, 'role_here'), (${home}, ${person}, 'role_there'), (${home}, ${person}, 'role_global')`
    const { digest } = await keyWithSecret(person, home, { name: 'member' })
    const [facts] = await findApiKeyFacts(sql, [digest])
    assert.deepEqual(
      facts?.memberships.map(({ role }) => role),
      ['member'],
    )
    assert.deepEqual(facts?.memberships[0]?.permissions.toSorted(), ['read:snapshots', 'read:volumes', 'write:volumes'])
  })

  it('finds a revoked key with its status, and a disabled owner', async () => {
    const person = await rows.user()
    const { id, digest } = await keyWithSecret(person, await rows.organization(person))
    await sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${id}`
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${person}`
    const [facts] = await findApiKeyFacts(sql, [digest])
    assert.deepEqual([facts?.status, facts?.user.isDisabled], ['revoked', true])
  })

  it('finds all ancestors of a key, each key with its own', async () => {
    const { grant, grandchild, child, lone } = await family()
    const found = new Map(
      (await findApiKeyFacts(sql, [grandchild.digest, lone.digest, child.digest])).map((facts) => [
        facts.keyId,
        facts.parents,
      ]),
    )
    const expected = [grant, child.id].map((id) => ({ id, isEnded: false }))
    assert.deepEqual(ancestors(found.get(grandchild.id)), expected.toSorted(byId))
    assert.deepEqual(ancestors(found.get(child.id)), [{ id: grant, isEnded: false }])
    assert.deepEqual(found.get(lone.id), [])
  })

  it('treats an ancestor that was deleted since as ended', async () => {
    const { grant, grandchild, child } = await family()
    await withoutTriggers((tx) => tx`DELETE FROM grants WHERE id = ${grant}`)
    const [facts] = await findApiKeyFacts(sql, [grandchild.digest])
    assert.deepEqual(
      ancestors(facts?.parents),
      [
        { id: grant, isEnded: true },
        { id: child.id, isEnded: false },
      ].toSorted(byId),
    )
    await withoutTriggers((tx) => tx`DELETE FROM api_keys WHERE id = ${child.id}`)
    const [later] = await findApiKeyFacts(sql, [grandchild.digest])
    assert.deepEqual(ancestors(later?.parents), [{ id: child.id, isEnded: true }])
  })

  it('leaves out a child that was deleted between its two statements', async () => {
    const { grandchild, lone } = await family()
    // Runs the second statement only after the deletion.
    let statements = 0
    const interrupted = new Proxy(sql, {
      get: (target, name) =>
        name !== 'unsafe'
          ? Reflect.get(target, name)
          : async (...args: Parameters<typeof sql.unsafe>) => {
              statements += 1
              if (statements === 2) await withoutTriggers((tx) => tx`DELETE FROM api_keys WHERE id = ${grandchild.id}`)
              return sql.unsafe(...args)
            },
    })
    const found = await findApiKeyFacts(interrupted, [grandchild.digest, lone.digest])
    assert.deepEqual([statements, ...found.map(({ keyId }) => keyId)], [2, lone.id])
  })
})

/** Inserts a grant, a key made with it, a key made with that one, and a key without ancestors. */
async function family() {
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party) VALUES
    ('app_family', 'Family', 'spa', '{}', '{}', true) ON CONFLICT DO NOTHING`
  const grant = await rows.grant(owner, 'app_family')
  const named = () => ({ name: newId('key') })
  const child = await keyWithSecret(owner, home, { ...named(), parentGrant: grant })
  const grandchild = await keyWithSecret(owner, home, { ...named(), parentKey: child.id })
  return { grant, child, grandchild, lone: await keyWithSecret(owner, home, named()) }
}

interface Ancestor {
  readonly id: string
  readonly isEnded: boolean
}

const byId = (a: Ancestor, b: Ancestor) => a.id.localeCompare(b.id)

const ancestors = (parents: readonly ParentFacts[] = []): Ancestor[] =>
  parents.map(({ keyId, grantId, isEnded }) => ({ id: String(keyId ?? grantId), isEnded })).sort(byId)

/** Changes rows without foreign keys and invariants, as no statement of the product can. */
const withoutTriggers = (change: (tx: TransactionSql) => Promise<unknown>) =>
  sql.begin(async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`
    await change(tx)
  })

describe('findTokenFacts', async () => {
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party) VALUES
    ('app_test', 'App', 'spa', '{}', '{}', false), ('app_own', 'Own', 'spa', '{}', '{}', true)`
  await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk) VALUES ('kid', 'ES256', 'active', '{"kty":"EC"}', 'secret')`
  const grantId = await rows.grant(owner)
  const claim = { grantId, userId: owner, clientId: 'app_test', kid: 'kid' }

  for (const [what, changed] of [
    ['grant', { grantId: newId('grant') }],
    ['user', { userId: newId('usr') }],
    ['client', { clientId: 'app_own' }],
    ['signing key', { kid: 'other' }],
  ] as const) {
    it(`finds nothing for another ${what}`, async () => {
      assert.equal(await findTokenFacts(sql, { ...claim, ...changed }), undefined)
    })
  }

  it('finds the organizations of the grant for a third party', async () => {
    assert.deepEqual((await findTokenFacts(sql, claim))?.memberships, [])
    await sql`UPDATE grants SET organization_ids = ARRAY[${home}, 'org_unknown'] WHERE id = ${grantId}`
    const facts = await findTokenFacts(sql, claim)
    assert.deepEqual(facts?.memberships, [member(home)])
    assert.deepEqual(
      [facts?.firstParty, facts?.grantScopes, facts?.isGrantRevoked, facts?.clientId, facts?.grantId],
      [false, ['openid'], false, 'app_test', grantId],
    )
    assert.deepEqual([facts?.chosenLanguage, facts?.timeZone], [null, null])
    await sql`UPDATE users SET language = 'en', chosen_language = 'de', time_zone = 'Europe/Vienna' WHERE id = ${owner}`
    const chosen = await findTokenFacts(sql, claim)
    assert.deepEqual([chosen?.chosenLanguage, chosen?.timeZone], ['de', 'Europe/Vienna'])
  })

  it('finds all organizations of the user for a first party', async () => {
    const own = await rows.grant(owner, 'app_own')
    const facts = await findTokenFacts(sql, { ...claim, grantId: own, clientId: 'app_own' })
    assert.equal(facts?.firstParty, true)
    assert.deepEqual(new Set(facts?.memberships.map(({ organizationId }) => organizationId)), new Set([home, other]))
  })

  it('finds a revoked grant, as revoked', async () => {
    const revoked = await rows.grant(owner)
    await sql`UPDATE grants SET revoked_at = now() WHERE id = ${revoked}`
    assert.equal((await findTokenFacts(sql, { ...claim, grantId: revoked }))?.isGrantRevoked, true)
  })
})

describe('listSigningKeyFacts', () => {
  it('never reads the private half', async () => {
    assert.deepEqual([...(await listSigningKeyFacts(sql))], [{ kid: 'kid', alg: 'ES256', publicJwk: { kty: 'EC' } }])
  })
})
