import { randomBytes } from 'node:crypto'
import {
  type ApiKeyId,
  type Database,
  firstIdAt,
  type GrantId,
  newId,
  type OrganizationId,
  type RoleId,
  type UserId,
} from '@daytona-auth/db/core'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import type { TokenSigner } from './token-signer.ts'

/** When something ends: an instant, or an interval from now, such as `-1 hour`; never without either. */
interface Expiry {
  readonly expiresAt?: Date | null
  readonly expiresIn?: string | null
}

/**
 * Inserts people and what belongs to them directly, as psql would: results do not depend on the statements of the product, and
 * a row costs one statement. Instants are passed as text, because drizzle disables the driver's conversion.
 */
export function peopleOf({ $client: sql }: Database) {
  const expiry = ({ expiresAt = null, expiresIn = null }: Expiry) =>
    sql`coalesce(${expiresAt?.toISOString() ?? null}::timestamptz, now() + ${expiresIn}::interval)`

  const member = async (
    organization: OrganizationId,
    user: UserId,
    role: 'owner' | 'member' = 'member',
    roles: readonly string[] = [],
  ): Promise<void> => {
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${organization}, ${user}, ${role})`
    for (const id of roles) {
      await sql`INSERT INTO member_roles (organization_id, user_id, role_id) VALUES (${organization}, ${user}, ${id})`
    }
  }

  return {
    member,
    async user({ id = newId('usr'), name = 'Ada', isVerified = false, isDisabled = false } = {}): Promise<UserId> {
      await sql`INSERT INTO users (id, email, name, email_verified, disabled_at)
        VALUES (${id}, ${`${id}@example.com`}, ${name}, ${isVerified}, CASE WHEN ${isDisabled}::boolean THEN now() END)`
      return id
    },
    /** Inserts an organization with its owner. */
    async organization(
      owner: UserId,
      { name = 'Analytical Engines', isPersonal = false } = {},
    ): Promise<OrganizationId> {
      const id = newId('org')
      await sql`INSERT INTO organizations (id, name, created_by, personal) VALUES (${id}, ${name}, ${owner}, ${isPersonal})`
      await member(id, owner, 'owner')
      return id
    },
    /** Inserts a role of an organization, or a predefined one if that is null. */
    async role(
      organization: OrganizationId | null,
      permissions: readonly string[] = [],
      name?: string,
    ): Promise<RoleId> {
      const id = newId('role')
      await sql`INSERT INTO roles (id, organization_id, name, permissions)
        VALUES (${id}, ${organization}, ${name ?? id}, ${[...permissions]})`
      return id
    },
    async client({
      organization = null as OrganizationId | null,
      isFirstParty = false,
      scopes = ['openid'] as readonly string[],
      name = 'App',
    } = {}): Promise<string> {
      const id = newId('app')
      await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party, organization_id)
        VALUES (${id}, ${name}, 'spa', '{}', ${[...scopes]}, ${isFirstParty}, ${organization})`
      return id
    },
    async grant(
      user: UserId,
      clientId = 'app_test',
      {
        scopes = ['openid'],
        organizationIds = null,
        sessionUid = null,
        ...end
      }: Expiry & {
        readonly scopes?: readonly string[]
        readonly organizationIds?: readonly OrganizationId[] | null
        readonly sessionUid?: string | null
      } = {},
    ): Promise<GrantId> {
      const id = newId('grant')
      await sql`INSERT INTO grants (id, user_id, client_id, scopes, organization_ids, session_uid, payload, expires_at)
        VALUES (${id}, ${user}, ${clientId}, ${[...scopes]}, ${organizationIds && [...organizationIds]}, ${sessionUid}, '{}',
          ${expiry({ expiresIn: '1 day', ...end })})`
      return id
    },
    /** Inserts a browser session and returns its uid. */
    async session(user: UserId, { expiresIn = '1 day', payload = {} } = {}): Promise<string> {
      const uid = newId('evt')
      await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
        VALUES ('Session', ${randomBytes(32)}, ${JSON.stringify(payload)}::jsonb, ${user}, ${uid}, now() + ${expiresIn}::interval)`
      return uid
    },
    /** Inserts the key of a signer, whose private half is not stored. */
    async signingKey({ kid, alg, publicJwk }: TokenSigner): Promise<void> {
      const jwk = { ...publicJwk, kid, alg, use: 'sig' }
      await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk)
        VALUES (${kid}, ${alg}, 'active', ${JSON.stringify(jwk)}::jsonb, 'unreadable')`
    },
    /** Inserts a key without a secret. */
    async key(
      owner: UserId,
      home: OrganizationId,
      {
        name,
        parentKey = null,
        parentGrant = null,
        reaches = [home],
        permissions = ['read:sandboxes'],
        createdAt,
        ...end
      }: Expiry & {
        readonly name?: string
        /** Also the time of its id. */
        readonly createdAt?: Date
        readonly parentKey?: ApiKeyId | null
        readonly parentGrant?: GrantId | null
        readonly reaches?: readonly OrganizationId[]
        readonly permissions?: readonly string[]
      } = {},
    ): Promise<ApiKeyId> {
      const id = createdAt ? apiKeyIdAt(createdAt) : newId('key')
      await sql.begin(async (tx) => {
        await tx`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, expires_at, parent_key_id, parent_grant_id,
            created_at)
          VALUES (${id}, ${home}, ${owner}, ${name ?? id}, ${[...permissions]}, ${expiry(end)}, ${parentKey}, ${parentGrant},
            coalesce(${createdAt?.toISOString() ?? null}::timestamptz, now()))`
        for (const organization of reaches) {
          await tx`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name)
            VALUES (${id}, ${organization}, ${owner}, ${name ?? id})`
        }
      })
      return id
    },
    /** Inserts a secret and returns its digest. Without an expiry it is the current one. */
    async secret(
      key: ApiKeyId,
      {
        digest = randomBytes(32),
        hint = `${KEY_PREFIX}abcd********************wxyz`,
        ...end
      }: Expiry & { readonly digest?: Buffer; readonly hint?: string } = {},
    ): Promise<Buffer> {
      await sql`INSERT INTO api_key_secrets (digest, key_id, hint, expires_at)
        VALUES (${digest}, ${key}, ${hint}, ${expiry(end)})`
      return digest
    },
  }
}

/** Creates an id as it would have been created at that instant. Those of the same millisecond are in no order. */
export function apiKeyIdAt(at: Date): ApiKeyId {
  const start = firstIdAt('key', at)
  return `${start}${newId('key').slice(start.length)}` as ApiKeyId
}
