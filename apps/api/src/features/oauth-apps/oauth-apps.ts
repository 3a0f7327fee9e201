import { hash, randomBytes } from 'node:crypto'
import { excess, parsePermissions } from '@daytona-auth/auth'
import {
  type AffectedKey,
  type ApiKeyId,
  type AuditEntry,
  type Database,
  deleteOauthApp,
  findOauthApp,
  inAudit,
  insertOauthApp,
  newId,
  type OauthAppRow,
} from '@daytona-auth/db'
import { notFound } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../caller.ts'
import { missingPermissions } from '../../missing-permissions.ts'
import type { CreateOauthApp } from './schema.ts'

export interface OauthAppDependencies {
  readonly database: Database
  /** Makes this process refuse a client's tokens from now on, unless the database says otherwise. */
  readonly forgetClient: (id: string) => void
  readonly forgetApiKey: (id: ApiKeyId) => void
}

const SECRET_BYTES = 32

/**
 * Makes a client of the caller's organization, with a secret if its type can keep one.
 * @throws Refusal 403 for scopes that the caller does not hold.
 */
export async function create(
  { database }: OauthAppDependencies,
  { actor, organization, principal }: CallerInOrganization,
  asked: z.output<typeof CreateOauthApp>,
): Promise<{ readonly row: OauthAppRow; readonly secret: string | undefined }> {
  const missing = excess(parsePermissions(asked.scopes), organization.permissions)
  if (missing.length > 0) throw missingPermissions(missing)

  const id = newId('app')
  const secret = asked.type === 'web' ? randomBytes(SECRET_BYTES).toString('base64url') : undefined
  const { organizationId } = organization
  const entry: AuditEntry = {
    ...actor,
    ...{ organizationId, action: 'oauth_app.create', targetType: 'oauth_app', targetId: id, statusCode: 201 },
    metadata: { name: asked.name, type: asked.type, redirectUris: asked.redirectUris, scopes: asked.scopes },
  }
  const row = await inAudit(database, entry, (tx) =>
    insertOauthApp(tx, organizationId, {
      id,
      name: asked.name,
      type: asked.type,
      // 256 random bits: one round of SHA-256 is enough, as for API keys.
      secretDigest: secret === undefined ? null : hash('sha256', secret, 'buffer'),
      redirectUris: asked.redirectUris,
      postLogoutRedirectUris: asked.postLogoutRedirectUris,
      scopes: [...new Set(asked.scopes)],
      homepageUri: asked.homepageUri ?? null,
      logoUri: asked.logoUri ?? null,
      createdBy: principal.userId,
    }),
  )
  return { row, secret }
}

export async function find(
  { database }: Pick<OauthAppDependencies, 'database'>,
  { organization }: CallerInOrganization,
  clientId: string,
): Promise<OauthAppRow> {
  const row = await findOauthApp(database, organization.organizationId, clientId)
  if (!row) throw notFound('OAuth app')
  return row
}

/** Deletes a client. Its grants are killed with it, and so are its tokens and the keys made with them. */
export async function remove(
  { database, forgetClient, forgetApiKey }: OauthAppDependencies,
  caller: CallerInOrganization,
  clientId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  const { name } = await find({ database }, caller, clientId)
  const entriesFor = (keys: readonly AffectedKey[]): AuditEntry[] => [
    {
      ...caller.actor,
      ...{ organizationId, action: 'oauth_app.delete', targetType: 'oauth_app', targetId: clientId, statusCode: 204 },
      metadata: { name },
    },
    // People anywhere may have made keys with the app: their organizations learn that it is gone, not who did it.
    ...keys.map((key) => ({
      ...{ organizationId: key.organizationId, actorId: null, actorEmail: null, source: 'system' },
      ...{ action: 'api_key.delete', targetType: 'api_key', targetId: key.id },
      metadata: { keyId: key.id, keyName: key.name, deletedWithClientId: clientId },
    })),
  ]
  const keys = await inAudit(database, entriesFor, async (tx) => {
    const affected = await deleteOauthApp(tx, organizationId, clientId)
    if (!affected) throw notFound('OAuth app') // somebody else was faster
    return affected
  })
  forgetClient(clientId)
  for (const { id } of keys) forgetApiKey(id)
}
