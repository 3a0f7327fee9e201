import {
  type ApiKeyId,
  type Channel,
  type ChannelOptions,
  type ConnectOptions,
  connect,
  type Database,
  type GrantId,
  newId,
  type OrganizationId,
  openChannel,
  type UserId,
  waitUntilFresh,
} from '@daytona-auth/db/core'
import { type Scope, type TestDatabase, testDatabase } from '@daytona-auth/testing'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { mintKey } from '../src/credential/api-key.ts'
import type { Permission } from '../src/principal/permission.ts'
import { createVerifier, type Verifier, type VerifierOptions } from '../src/verification/verifier.ts'

export const ISSUER = 'https://api.example.com'
export const AUDIENCE = 'https://api.example.com'
export const ADDRESS = '192.0.2.1'

export type World = Awaited<ReturnType<typeof world>>

/** A key with its text and its identifiers. */
export interface TestKey {
  readonly id: ApiKeyId
  readonly key: string
  readonly digest: Buffer
  readonly hint: string
}

export interface TestSigner {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: Record<string, unknown>
}

/** Long enough for one that is slow, and far shorter than a test's own patience. */
const QUIET = { info() {}, warn() {} }

/**
 * A database whose rows are written in SQL, as with psql, so that results do not depend on our own statements. Times and JSON
 * are passed as text, because drizzle disables the driver's conversion.
 */
export async function world(scope: Scope) {
  const { database, url, asAdministrator, name }: TestDatabase = await testDatabase(scope)
  const { $client: sql } = database

  const user = async ({ id = newId('usr'), disabled = false } = {}): Promise<UserId> => {
    await sql`INSERT INTO users (id, email, name, disabled_at)
      VALUES (${id}, ${`${id}@example.com`}, 'Ada', ${disabled ? new Date().toISOString() : null})`
    return id
  }

  const join = async (
    organizationId: OrganizationId,
    userId: UserId,
    role: 'owner' | 'member',
    roleIds: readonly string[] = [],
  ): Promise<void> => {
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${organizationId}, ${userId}, ${role})`
    for (const roleId of roleIds) {
      await sql`INSERT INTO member_roles (organization_id, user_id, role_id) VALUES (${organizationId}, ${userId}, ${roleId})`
    }
  }

  const organization = async (owner: UserId): Promise<OrganizationId> => {
    const id = newId('org')
    await sql`INSERT INTO organizations (id, name, created_by) VALUES (${id}, 'Analytical Engines', ${owner})`
    await join(id, owner, 'owner')
    return id
  }

  const role = async (organizationId: OrganizationId | null, permissions: readonly Permission[]): Promise<string> => {
    const id = newId('role')
    await sql`INSERT INTO roles (id, organization_id, name, permissions) VALUES (${id}, ${organizationId}, ${id}, ${[...permissions]})`
    return id
  }

  const secret = async (keyId: ApiKeyId, expiresAt: Date | null = null) => {
    const minted = mintKey()
    await sql`INSERT INTO api_key_secrets (digest, key_id, hint, expires_at) VALUES (${minted.digest}, ${keyId}, ${minted.hint}, ${expiresAt?.toISOString() ?? null})`
    return minted
  }

  const key = async (
    owner: UserId,
    home: OrganizationId,
    {
      permissions = ['read:sandboxes'] as readonly Permission[],
      expiresAt = null as Date | null,
      reaches = [home] as readonly OrganizationId[],
      parentKey = null as ApiKeyId | null,
      parentGrant = null as GrantId | null,
    } = {},
  ): Promise<TestKey> => {
    const id = newId('key')
    await sql`INSERT INTO api_keys (id, organization_id, user_id, name, permissions, expires_at, parent_key_id, parent_grant_id)
      VALUES (${id}, ${home}, ${owner}, ${id}, ${[...permissions]}, ${expiresAt?.toISOString() ?? null}, ${parentKey}, ${parentGrant})`
    for (const organizationId of reaches) {
      await sql`INSERT INTO api_key_organizations (key_id, organization_id, user_id, name) VALUES (${id}, ${organizationId}, ${owner}, ${id})`
    }
    return { id, ...(await secret(id)) }
  }

  const client = async ({ firstParty = false } = {}): Promise<string> => {
    const id = newId('app')
    await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party) VALUES (${id}, 'App', 'spa', '{}', '{}', ${firstParty})`
    return id
  }

  const grant = async (
    userId: UserId,
    clientId: string,
    {
      scopes = ['openid'] as readonly string[],
      organizationIds = null as readonly OrganizationId[] | null,
      expiresAt = new Date(Date.now() + 86_400_000),
    } = {},
  ): Promise<GrantId> => {
    const id = newId('grant')
    await sql`INSERT INTO grants (id, user_id, client_id, scopes, organization_ids, payload, expires_at)
      VALUES (${id}, ${userId}, ${clientId}, ${[...scopes]}, ${organizationIds && [...organizationIds]}, '{}', ${expiresAt.toISOString()})`
    return id
  }

  const signer = async (alg: 'ES256' | 'RS256' | 'EdDSA' = 'ES256'): Promise<TestSigner> => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    return { kid: newId('evt'), alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)) } }
  }

  const publish = async ({ kid, alg, publicJwk }: TestSigner): Promise<void> => {
    await sql`INSERT INTO signing_keys (kid, alg, status, public_jwk, private_jwk)
      VALUES (${kid}, ${alg}, 'active', ${JSON.stringify(publicJwk)}, 'unused')`
  }

  return {
    database,
    url,
    sql,
    name,
    asAdministrator,
    user,
    join,
    organization,
    role,
    secret,
    key,
    client,
    grant,
    signer,
    publish,
  }
}

/** Returns the claims that our provider issues; a member that is `undefined` is omitted. */
export function claimsOf(
  { userId, clientId, grantId }: { userId: string; clientId: string; grantId: string },
  more: JWTPayload = {},
): JWTPayload {
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: userId,
    client_id: clientId,
    gid: grantId,
    jti: newId('evt'),
    scope: 'openid',
    iat,
    exp: iat + 3600,
    ...more,
  }
}

export const sign = (
  { kid, alg, privateKey }: TestSigner,
  payload: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
) => new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(privateKey)

export interface TestVerifier {
  readonly verifier: Verifier
  readonly channel: Channel
  readonly database: Database
  /** Resolves when every change committed before the call has been notified. */
  caughtUp(): Promise<void>
}

/** Starts the verification of a process: its own pool, channel and cache. */
export async function verifierOn(
  scope: Scope,
  url: string,
  {
    listen = {},
    settings,
    ...options
  }: Partial<Omit<VerifierOptions, 'channel'>> & {
    listen?: Partial<ChannelOptions>
    settings?: ConnectOptions['settings']
  } = {},
): Promise<TestVerifier> {
  const { timeoutMs = 2000 } = options
  const database = connect(url, {
    max: 4,
    applicationName: 'auth test',
    silenceTimeoutSeconds: timeoutMs / 1000,
    ...(settings && { settings }),
  })
  const channel = openChannel({ url, heartbeatMs: 50, ...listen })
  const verifier = createVerifier({
    database,
    channel,
    logger: QUIET,
    issuer: ISSUER,
    audience: AUDIENCE,
    unknownPerMinute: 1000,
    ...options,
  })
  scope.after(async () => {
    verifier.close()
    await channel.close()
    await database.$client.end({ timeout: 0 })
  })
  await waitUntilFresh(channel)
  await verifier.start()
  return { verifier, channel, database, caughtUp: () => caughtUp(channel, database) }
}

async function caughtUp(channel: Channel, database: Database): Promise<void> {
  const mark = newId('grant')
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = channel.subscribe((event) => event.kind === 'grant' && event.id === mark && resolve())
  await database.$client.notify('daytona_auth', `grant:${mark}`)
  await promise
  stop()
}
