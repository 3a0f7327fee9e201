import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mintKey, type Permission, permissionNames } from '@daytona-auth/auth'
import { insertApiKey } from '@daytona-auth/db/api-keys'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import {
  type ApiKeyId,
  type Database,
  type GrantId,
  newId,
  type OrganizationId,
  type UserId,
} from '@daytona-auth/db/core'
import { insertOrganization } from '@daytona-auth/db/organizations'
import { createUser } from '@daytona-auth/db/users'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { createLogger } from '@daytona-auth/service'
import {
  apiKeyIdAt,
  assertReasonsLogged,
  captureLog,
  type LogCapture,
  peopleOf,
  type Scope,
  testDatabase,
} from '@daytona-auth/testing'
import { tokenSigner } from '@daytona-auth/testing/token-signer'
import { loadApiConfig } from '../src/config.ts'
import { type ApiOptions, type RunningApi, startApi } from '../src/start.ts'

const TEST_AUTHORITY = systemAuthority('test')

export const ISSUER = 'https://api.example.test'
export const RESOURCE_SECRETS_KEY = 'what registry passwords are sealed with in tests'

const SYSTEM = { actorId: null, actorEmail: null, source: 'test' }

/** The dashboard, and the clocks of a test that must not depend on how fast the machine is. */
type StartOptions = Pick<ApiOptions, 'dashboard' | 'now' | 'monotonicNow'>

/** A database with users, and APIs on it. */
export interface World {
  /** The connection string of the APIs' role, which owns nothing. */
  readonly url: string
  /** The connection of a superuser. */
  readonly database: Database
  readonly api: RunningApi
  readonly log: LogCapture
  /** Starts another API on the same database, with additional variables. */
  anotherApi(env?: Record<string, string>, options?: StartOptions): Promise<RunningApi>
  /** Creates a user with a personal organization. */
  person(name?: string): Promise<Person>
  request: Requester
}

export interface Person {
  readonly userId: UserId
  readonly email: string
  readonly name: string
  readonly personalOrganizationId: OrganizationId
  /** Creates an organization that the user owns, without other members. */
  organization(name?: string): Promise<OrganizationId>
  /** Makes the user a member with exactly these permissions, or an owner. */
  join(organizationId: OrganizationId, permissions: readonly Permission[] | 'owner'): Promise<void>
  /** Inserts a key of the user directly into the database. */
  key(organizationId: OrganizationId, permissions: readonly Permission[], options?: KeyOptions): Promise<TestKey>
  /**
   * Issues an access token of the dashboard, or of a third-party app with these scopes in these organizations. One with a
   * negative lifetime has expired. `more` adds claims.
   */
  token(app?: ThirdParty, lifetimeMs?: number, more?: Readonly<Record<string, unknown>>): Promise<TestToken>
}

export interface KeyOptions {
  readonly name?: string
  readonly expiresAt?: Date
  readonly organizationIds?: readonly OrganizationId[]
  /** The random bytes of the key, for a test that depends on its characters. */
  readonly entropy?: Uint8Array
  /** Also the time of its id. */
  readonly createdAt?: Date
}

export interface ThirdParty {
  readonly scopes: readonly string[]
  readonly organizationIds: readonly OrganizationId[]
  readonly expiresAt?: Date
  readonly clientId?: string
  /** The `aud` of the token; by default, that of our API. */
  readonly audience?: string
}

export interface TestKey {
  readonly id: ApiKeyId
  readonly name: string
  readonly value: string
}

export interface TestToken {
  readonly value: string
  readonly grantId: GrantId
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly text: string
}

export interface Asked {
  readonly organization?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly api?: RunningApi
}

export type Requester = (method: string, path: string, credential?: string | null, asked?: Asked) => Promise<Answer>

/** Creates a world on its own database, or on a given migrated, empty one. `options` are of its first API. */
export async function world(
  scope: Scope,
  env: Record<string, string> = {},
  given?: { readonly url: string; readonly database: Database },
  options: StartOptions = {},
): Promise<World> {
  const apis: RunningApi[] = []
  // Registered before the drop of their database: `after` runs in the order of registration.
  scope.after(() => Promise.all(apis.map((api) => api.close())))
  const { url, database } = given ?? (await databaseOfServer(scope))
  const log = captureLog()
  const sign = await signer(database)
  await database.$client`
    INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party) VALUES
      ('daytona-dashboard', 'Dashboard', 'spa', '{https://api.example.test/dashboard/callback}', '{openid}', true),
      ('third-party', 'Third party', 'web', '{https://app.example.test/callback}', '{openid}', false)`
  const start = async (more: Record<string, string> = {}, options: StartOptions = {}) => {
    const config = loadApiConfig({
      DATABASE_URL: url,
      ISSUER,
      PORT: '0',
      LOG_LEVEL: 'debug',
      RESOURCE_SECRETS_KEY,
      INVITATIONS_PER_MINUTE: '100000', // tests are faster than people
      MANAGEMENT_WRITES_PER_CREDENTIAL: '100000',
      SPACE_RESERVE_BYTES: '0', // many databases share one disk
      ...env,
      ...more,
    })
    const logger = createLogger({ service: 'api', level: 'debug', stream: log.stream })
    const api = await startApi(config, { logger, ...options })
    apis.push(api)
    return api
  }
  const api = await start({}, options)
  // Last, because a failed hook ends the others.
  scope.after(() => assertReasonsLogged(log))
  return {
    url,
    database,
    api,
    log,
    anotherApi: start,
    person: (name) => person(database, sign, name),
    request: requester(api),
  }
}

async function databaseOfServer(scope: Scope) {
  const { serverUrls, database } = await testDatabase(scope)
  return { url: serverUrls.api, database }
}

function requester(first: RunningApi): Requester {
  return async (method, path, credential, { organization, body, headers, api = first } = {}) => {
    const response = await fetch(api.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(credential && { authorization: `Bearer ${credential}` }),
        ...(organization !== undefined && { 'x-daytona-organization-id': organization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    // A stream does not end: its headers are the answer.
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (isStream) await response.body?.cancel()
    const text = isStream ? '' : await response.text()
    const isJson = text !== '' && response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text }
  }
}

type Sign = (claims: Record<string, unknown>, lifetimeMs: number) => Promise<string>

/** Inserts a signing key like the provider, and signs tokens like it. */
async function signer(database: Database): Promise<Sign> {
  const key = await tokenSigner()
  await peopleOf(database).signingKey(key)
  return (claims, lifetimeMs) => {
    const iat = Math.floor(Date.now() / 1000)
    const exp = Math.floor((Date.now() + lifetimeMs) / 1000)
    return key.sign({ iss: ISSUER, aud: ISSUER, jti: randomUUID(), iat, exp, ...claims })
  }
}

async function person(database: Database, sign: Sign, name = 'Ada'): Promise<Person> {
  const email = `${randomUUID()}@example.test`
  const user = { email, name, passwordHash: 'none', emailVerified: true }
  const created = await createUser(database, user, { source: 'test' })
  assert.ok(created)
  const { userId, organizationId: personalOrganizationId } = created
  const people = peopleOf(database)

  return {
    userId,
    email,
    name,
    personalOrganizationId,
    async organization(organizationName = 'Shared') {
      const id = newId('org')
      await inAudit(database, TEST_AUTHORITY, { ...SYSTEM, organizationId: id, action: 'organization.create' }, (tx) =>
        insertOrganization(tx, id, { name: organizationName, createdBy: userId }),
      )
      return id
    },
    async join(organizationId, permissions) {
      const sql = database.$client
      const role = permissions === 'owner' ? 'owner' : 'member'
      await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${organizationId}, ${userId}, ${role})
        ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role`
      if (permissions === 'owner') return
      const roleId = await people.role(organizationId, permissions)
      await sql`INSERT INTO member_roles (organization_id, user_id, role_id) VALUES (${organizationId}, ${userId}, ${roleId})`
    },
    async key(
      organizationId,
      permissions,
      { name: keyName, expiresAt, organizationIds = [], entropy, createdAt }: KeyOptions = {},
    ) {
      const id = createdAt ? apiKeyIdAt(createdAt) : newId('key')
      const key = { id, userId, name: keyName ?? id, permissions, expiresAt: expiresAt ?? null, organizationIds }
      const { key: value, digest, hint } = mintKey(entropy)
      await inAudit(database, TEST_AUTHORITY, { ...SYSTEM, organizationId, action: 'api_key.create' }, async (tx) => {
        assert.ok((await insertApiKey(tx, organizationId, key, { digest, hint })).isPlaced)
      })
      if (createdAt)
        await database.$client`UPDATE api_keys SET created_at = ${createdAt.toISOString()} WHERE id = ${id}`
      return { id, name: key.name, value }
    },
    async token(app, lifetimeMs = 60 * 60 * 1000, more = {}) {
      const clientId = app ? (app.clientId ?? 'third-party') : 'daytona-dashboard'
      const scopes = app?.scopes ?? ['openid', 'profile', 'email', 'offline_access']
      const grantId = await people.grant(userId, clientId, {
        scopes,
        organizationIds: app ? app.organizationIds : null,
        ...(app?.expiresAt && { expiresAt: app.expiresAt }),
      })
      const claims = {
        sub: userId,
        client_id: clientId,
        scope: scopes.join(' '),
        gid: grantId,
        // A sign-in of this moment, with a password.
        acr: ACR.password,
        auth_time: Math.floor(Date.now() / 1000),
        ...(app?.audience && { aud: app.audience }),
        ...more,
      }
      const value = await sign(claims, lifetimeMs)
      return { value, grantId }
    },
  }
}

/** Returns each permission that does not imply `needed` as a set, and all of them as one set. */
export function notImplying(needed: Permission): readonly Permission[] {
  return permissionNames().filter((name) => name !== needed && name !== 'admin:organization')
}

export const errorBody = (statusCode: number, message: string, error: string) => ({ statusCode, message, error })
export const UNAUTHORIZED_KEY = errorBody(401, 'Unauthorized', 'Invalid or expired API key')
export const UNAUTHORIZED_TOKEN = errorBody(401, 'Unauthorized', 'Invalid or expired token')
export const FORBIDDEN = errorBody(403, 'Forbidden', 'Insufficient permissions')
