import { mintKey } from '@daytona-auth/auth'
import { type Database, newId, type OrganizationId, type UserId } from '@daytona-auth/db/core'
import { createSigner, type Issue } from './token.ts'

export interface Owner {
  readonly userId: UserId
  readonly organizationId: OrganizationId
}

/** Inserts a user with one organization. */
export async function seedOwner({ $client: sql }: Database): Promise<Owner> {
  const userId = newId('usr')
  const organizationId = newId('org')
  await sql`INSERT INTO users (id, email, name) VALUES (${userId}, ${`${userId}@example.com`}, 'Bench')`
  await sql`INSERT INTO organizations (id, name, created_by) VALUES (${organizationId}, 'Bench', ${userId})`
  await sql`INSERT INTO organization_members (organization_id, user_id, role)
    VALUES (${organizationId}, ${userId}, 'owner')`
  return { userId, organizationId }
}

/** Inserts keys of the owner, each with `read:sandboxes` in the one organization. */
export async function seedKeys({ $client: sql }: Database, owner: Owner, count: number): Promise<string[]> {
  const { userId, organizationId } = owner
  const minted = Array.from({ length: count }, () => ({ id: newId('key'), ...mintKey() }))
  const ids = minted.map(({ id }) => id)
  const digests = minted.map(({ digest }) => digest.toString('hex'))
  const hints = minted.map(({ hint }) => hint)
  await sql.begin(async (tx) => {
    await tx`INSERT INTO api_keys (id, organization_id, user_id, name, permissions)
      SELECT id, ${organizationId}, ${userId}, id, '{read:sandboxes}' FROM unnest(${ids}::text[]) id`
    await tx`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
      SELECT id, ${organizationId}, ${userId}, id FROM unnest(${ids}::text[]) id`
    await tx`INSERT INTO api_key_secrets (key_id, digest, hint) SELECT id, decode(digest, 'hex'), hint
      FROM unnest(${ids}::text[], ${digests}::text[], ${hints}::text[]) secret (id, digest, hint)`
  })
  await sql`VACUUM ANALYZE`
  return minted.map(({ key }) => key)
}

/** Makes every verifier invalidate all keys of the owner, as any change to the owner's row does. */
export async function invalidateKeys({ $client: sql }: Database, { userId }: Owner): Promise<void> {
  await sql`UPDATE users SET email_verified = NOT email_verified WHERE id = ${userId}`
}

/** Inserts a first-party client with a grant of the owner, and returns the function that issues its access tokens. */
export async function seedTokenIssuer({ $client: sql }: Database, { userId }: Owner, issuer: string): Promise<Issue> {
  const clientId = newId('app')
  const grantId = newId('grant')
  const { kid, publicJwk, issue } = createSigner({ issuer, userId, clientId, grantId })
  await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk)
    VALUES (${kid}, 'ES256', 'active', ${JSON.stringify(publicJwk)}, 'not kept')`
  await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party)
    VALUES (${clientId}, 'Bench', 'spa', '{https://bench.example/callback}', '{openid}', true)`
  await sql`INSERT INTO grants (id, user_id, client_id, scopes, payload, expires_at)
    VALUES (${grantId}, ${userId}, ${clientId}, '{openid}', '{}', now() + interval '1 day')`
  return issue
}
