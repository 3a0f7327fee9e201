import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { findApiKeyFacts, findTokenFacts } from '@daytona-auth/db/principals'
import fc from 'fast-check'
import { resolveApiKey, resolveToken, type TokenClaims } from '../src/principal/resolve-principal.ts'
import { type Answer, denyCredential } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, verifierOn, world } from './world.ts'

// After any changes, in any order and while keys are being verified: when all notifications have arrived, the answers of two
// processes are those of the database.
const here = await world({ after })
const { sql } = here
const signer = await here.signer()
await here.publish(signer)
const both = [
  await verifierOn({ after }, here.url, { unknownPerMinute: 1_000_000 }),
  await verifierOn({ after }, here.url, { unknownPerMinute: 1_000_000 }),
]

/** An owner, a member with a role, their keys in two organizations, and keys made with a key and with a grant. */
async function population() {
  const [owner, member] = [await here.user(), await here.user()]
  const [home, other] = [await here.organization(owner), await here.organization(owner)]
  const role = await here.role(home, ['read:sandboxes', 'write:sandboxes'])
  await here.member(home, member, 'member', [role])
  await here.member(other, member, 'owner')
  const client = await here.client()
  await sql`UPDATE oidc_clients SET scopes = '{openid,read:sandboxes,write:sandboxes}' WHERE id = ${client}`
  const scopes = ['openid', 'read:sandboxes', 'write:sandboxes']
  const grant = await here.grant(member, client, { scopes, organizationIds: [home, other] })
  const options = { permissions: ['read:sandboxes', 'write:sandboxes'] as const, reaches: [home, other] }
  const key = await here.key(member, home, options)
  const child = await here.key(member, home, { ...options, parentKey: key.id })
  const ofGrant = await here.key(member, home, { ...options, parentGrant: grant })
  const owners = await here.key(owner, other, { permissions: ['admin:organization'] })
  const payload = claimsOf({ userId: member, clientId: client, grantId: grant }, { scope: scopes.join(' ') })
  const token = await sign(signer, payload)
  const claims: TokenClaims = {
    tokenId: String(payload.jti),
    grantId: grant,
    userId: member,
    clientId: client,
    scopes,
    expiresAt: (payload.exp ?? 0) * 1000,
    kid: signer.kid,
    confirmation: null,
    signIn: { acr: undefined, authenticatedAt: undefined },
  }
  return { owner, member, home, other, role, client, grant, key, child, ofGrant, owners, token, claims }
}
type Population = Awaited<ReturnType<typeof population>>

/** Changes of every table that an answer depends on. Some fail in some orders: then they change nothing. */
const CHANGES: readonly ((given: Population) => PromiseLike<unknown>)[] = [
  ({ key }) => sql`UPDATE api_keys SET permissions = '{read:sandboxes}' WHERE id = ${key.id}`,
  ({ key }) => sql`UPDATE api_keys SET permissions = '{admin:organization}' WHERE id = ${key.id}`,
  ({ key }) => sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`,
  ({ child }) => sql`UPDATE api_keys SET status = 'expired' WHERE id = ${child.id}`,
  ({ child }) => sql`UPDATE api_keys SET name = name || 'x' WHERE id = ${child.id}`,
  ({ owners }) => sql`DELETE FROM api_keys WHERE id = ${owners.id}`,
  ({ key, other }) => sql`DELETE FROM api_key_organizations WHERE key_id = ${key.id} AND organization_id = ${other}`,
  ({ ofGrant }) => sql`UPDATE api_key_secrets SET expires_at = now() + interval '1 hour' WHERE key_id = ${ofGrant.id}`,
  ({ ofGrant }) => sql`UPDATE api_key_secrets SET expires_at = '-infinity' WHERE key_id = ${ofGrant.id}`,
  ({ role }) => sql`UPDATE roles SET permissions = '{read:sandboxes,read:volumes}' WHERE id = ${role}`,
  ({ role, member, home }) =>
    sql`DELETE FROM member_roles WHERE role_id = ${role} AND user_id = ${member} AND organization_id = ${home}`,
  ({ role, member, home }) => sql`INSERT INTO member_roles VALUES (${home}, ${member}, ${role}) ON CONFLICT DO NOTHING`,
  ({ role }) => sql`DELETE FROM roles WHERE id = ${role}`,
  ({ member, home }) =>
    sql`UPDATE organization_members SET role = 'owner' WHERE user_id = ${member} AND organization_id = ${home}`,
  ({ member, other }) => sql`DELETE FROM organization_members WHERE user_id = ${member} AND organization_id = ${other}`,
  ({ home }) => sql`UPDATE organizations SET suspended_at = now(), suspension_reason = 'unpaid' WHERE id = ${home}`,
  ({ home }) => sql`UPDATE organizations SET suspended_at = NULL, suspension_reason = NULL WHERE id = ${home}`,
  ({ other }) => sql`DELETE FROM organizations WHERE id = ${other}`,
  ({ member }) => sql`UPDATE users SET disabled_at = now() WHERE id = ${member}`,
  ({ member }) => sql`UPDATE users SET disabled_at = NULL, name = 'Grace' WHERE id = ${member}`,
  ({ grant }) => sql`UPDATE grants SET scopes = '{openid,read:sandboxes}' WHERE id = ${grant}`,
  ({ grant, home }) => sql`UPDATE grants SET organization_ids = ${[home]} WHERE id = ${grant}`,
  ({ grant }) => sql`UPDATE grants SET revoked_at = now() WHERE id = ${grant}`,
  ({ client }) => sql`UPDATE oidc_clients SET scopes = '{openid,write:sandboxes}' WHERE id = ${client}`,
  ({ client }) => sql`DELETE FROM oidc_clients WHERE id = ${client}`,
]

/** The answer about a key by the database alone. */
async function currentOfKey({ digest }: Population['key']): Promise<Answer> {
  const [facts] = await findApiKeyFacts(sql, [digest])
  if (!facts) return denyCredential('api-key', 'unknown')
  const answer = resolveApiKey(facts)
  if (answer.kind !== 'api-key' || answer.expiresAt === null || answer.expiresAt > Date.now()) return answer
  return denyCredential('api-key', 'expired', { key: answer })
}

const currentOfToken = async ({ claims }: Population) => resolveToken(await findTokenFacts(sql, claims), claims)

describe('two processes', () => {
  it('answer what the database says after any changes during any verifications', async () => {
    const step = fc.record({
      change: fc.nat({ max: CHANGES.length - 1 }),
      verified: fc.nat({ max: 31 }),
      awaited: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const made = await population()
        const keys = [made.key, made.child, made.ofGrant, made.owners]
        const credentials = [...keys.map(({ key }) => key), made.token]
        const running: PromiseLike<unknown>[] = []
        for (const { change, verified, awaited } of steps) {
          for (const [at, key] of credentials.entries()) {
            if (verified & (1 << at))
              for (const { verifier } of both) running.push(Promise.resolve(verifier.verify(key, ADDRESS)))
          }
          const changed = CHANGES[change]?.(made).then(undefined, () => {})
          if (awaited) await changed
          else if (changed) running.push(changed)
        }
        await Promise.all(running)
        for (const { verifier, caughtUp } of both) {
          await caughtUp()
          for (const key of keys) assert.deepEqual(await verifier.verify(key.key, ADDRESS), await currentOfKey(key))
          assert.deepEqual(await verifier.verify(made.token, ADDRESS), await currentOfToken(made))
        }
      }),
      { numRuns: 30 },
    )
  })
})
