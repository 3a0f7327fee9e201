import { authProblem, type ClientAuthSettings } from '@daytona-auth/accounts/client-keys'
import { DEFAULT_SECRET_NAME, makeClientSecret, settingProblem } from '@daytona-auth/accounts/client-registration'
import { insufficientScope, parsePermissions, permissionsBeyond } from '@daytona-auth/auth'
import type { AffectedKey } from '@daytona-auth/db/api-keys'
import { type AuditAction, type AuditEntry, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  deleteOauthApp,
  findOauthApp,
  insertOauthApp,
  keysOfClientEntries,
  lockOauthApp,
  type OauthAppRow,
  updateOauthApp,
} from '@daytona-auth/db/clients'
import { type ApiKeyId, type Database, newId } from '@daytona-auth/db/core'
import { badRequest, notFound } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireOtherName } from '../../http/other-name.ts'
import type { CreateOauthApp, UpdateOauthApp } from './schema.ts'

export interface OauthAppDependencies {
  readonly database: Database
  /** The name of the installation, which no app of an organization may have. */
  readonly brand: string
  /** Invalidates a client in this process: the next request with its tokens reads it from the database. */
  readonly invalidateClient: (id: string) => void
  readonly invalidateApiKey: (id: ApiKeyId) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Creates a client of the caller's organization, with a secret if its type can keep one.
 * @throws Denial 403 for scopes that the caller does not hold
 */
export async function createOauthApp(
  { database, brand }: OauthAppDependencies,
  caller: CallerInOrganization,
  asked: z.output<typeof CreateOauthApp>,
): Promise<{ readonly row: OauthAppRow; readonly secret: string | undefined }> {
  requireOtherName(asked.name, brand)
  requireHeldPermissions(asked.scopes, caller.organization)
  const authentication = {
    tokenEndpointAuthMethod: asked.tokenEndpointAuthMethod ?? 'client_secret_basic',
    jwks: asked.jwks ?? null,
    jwksUri: asked.jwksUri ?? null,
    requireSignedRequestObject: asked.requireSignedRequestObject ?? false,
    requestObjectSigningAlg: asked.requestObjectSigningAlg ?? null,
  }
  requireAllowedSettings(asked.type, asked, authentication)
  const id = newId('app')
  const hasSecret = asked.type === 'web' && authentication.tokenEndpointAuthMethod === 'client_secret_basic'
  const generated = hasSecret ? makeClientSecret() : undefined
  const { organizationId } = caller.organization
  const { name, type, redirectUris, scopes } = asked
  const entry = eventOf(caller, 'oauth_app.create', 201, { id }, { name, type, redirectUris, scopes })
  const row = await inAudit(database, caller.authority('manage'), entry, (tx, confirmed) => {
    requireHeldPermissions(asked.scopes, confirmed.organization)
    const secret = generated && { name: DEFAULT_SECRET_NAME, digest: generated.digest, hint: generated.hint }
    const app = {
      id,
      name: asked.name,
      type: asked.type,
      redirectUris: asked.redirectUris,
      postLogoutRedirectUris: asked.postLogoutRedirectUris,
      scopes: [...new Set(asked.scopes)],
      homepageUri: asked.homepageUri ?? null,
      logoUri: asked.logoUri ?? null,
      requirePkce: asked.requirePkce ?? false,
      requirePushedAuthorizationRequests: asked.requirePushedAuthorizationRequests ?? false,
      dpopBoundAccessTokens: asked.dpopBoundAccessTokens ?? false,
      deviceGrant: asked.deviceGrant ?? false,
      ...authentication,
      idTokenSignedResponseAlg: asked.idTokenSignedResponseAlg ?? 'RS256',
      backchannelLogoutUri: asked.backchannelLogoutUri ?? null,
      backchannelLogoutSessionRequired: asked.backchannelLogoutSessionRequired ?? false,
      defaultMaxAge: asked.defaultMaxAge ?? null,
      refreshTokenTtl: asked.refreshTokenTtl ?? null,
      refreshTokenAbsoluteTtl: asked.refreshTokenAbsoluteTtl ?? null,
      createdBy: caller.principal.userId,
    }
    return insertOauthApp(tx, organizationId, app, secret)
  })
  return { row, secret: generated?.secret }
}

/** Finds a client of the caller's organization. @throws Denial 404 */
export async function getOauthApp(
  { database }: Pick<OauthAppDependencies, 'database'>,
  { organization }: CallerInOrganization,
  clientId: string,
): Promise<OauthAppRow> {
  const row = await findOauthApp(database, organization.organizationId, clientId)
  return row ?? throwNotFound()
}

/**
 * Changes a client. This process applies the change at once; other processes and the provider are notified.
 * @throws Denial 404, 403 for scopes that the caller does not hold, 400 for another type
 */
export async function changeOauthApp(
  { database, brand, invalidateClient }: OauthAppDependencies,
  caller: CallerInOrganization,
  clientId: string,
  { type, ...asked }: z.output<typeof UpdateOauthApp>,
): Promise<OauthAppRow> {
  const { organizationId } = caller.organization
  if (asked.name !== undefined) requireOtherName(asked.name, brand)
  if (asked.scopes) requireHeldPermissions(asked.scopes, caller.organization)
  const before = await getOauthApp({ database }, caller, clientId)
  if (type !== undefined && type !== before.type) throw typeProblem('cannot be changed: create another app')
  const change = { ...asked, scopes: asked.scopes && [...new Set(asked.scopes)] }
  const row = await inAudit(
    database,
    caller.authority('manage'),
    eventOf(caller, 'oauth_app.update', 200, before, { name: before.name, changed: change }),
    async (tx, confirmed) => {
      if (asked.scopes) requireHeldPermissions(asked.scopes, confirmed.organization)
      const current = (await lockOauthApp(tx, organizationId, clientId)) ?? throwNotFound()
      requireAllowedSettings(current.type, asked, {
        tokenEndpointAuthMethod: asked.tokenEndpointAuthMethod ?? current.tokenEndpointAuthMethod,
        jwks: asked.jwks === undefined ? current.jwks : asked.jwks,
        jwksUri: asked.jwksUri === undefined ? current.jwksUri : asked.jwksUri,
        requireSignedRequestObject: asked.requireSignedRequestObject ?? current.requireSignedRequestObject,
        requestObjectSigningAlg:
          asked.requestObjectSigningAlg === undefined ? current.requestObjectSigningAlg : asked.requestObjectSigningAlg,
      })
      return (await updateOauthApp(tx, organizationId, clientId, change)) ?? throwNotFound()
    },
  )
  invalidateClient(clientId)
  return row
}

/** Deletes a client and revokes its grants, their tokens and the keys created with them. @throws Denial 404 */
export async function removeOauthApp(
  { database, invalidateClient, invalidateApiKey }: OauthAppDependencies,
  caller: CallerInOrganization,
  clientId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  const before = await getOauthApp({ database }, caller, clientId)
  const entriesFor = (keys: readonly AffectedKey[]): AuditEntry[] => [
    eventOf(caller, 'oauth_app.delete', 204, before, { name: before.name }),
    ...keysOfClientEntries(keys, clientId),
  ]
  const keys = await inAudit(database, caller.authority('manage'), entriesFor, async (tx) => {
    const affected = await deleteOauthApp(tx, organizationId, clientId)
    return affected ?? throwNotFound() // another request was faster
  })
  invalidateClient(clientId)
  for (const { id } of keys) invalidateApiKey(id)
}

/** @throws Denial 400 for settings that the type fixes */
function requireAllowedSettings(
  type: OauthAppRow['type'],
  asked: Parameters<typeof settingProblem>[1],
  authentication: ClientAuthSettings,
): void {
  const problem = settingProblem(type, asked) ?? authProblem(type, authentication)
  if (problem) throw badRequest(`${problem.path}: ${problem.message}`, [problem])
}

/** @throws Denial 403 for permissions that the caller does not hold */
function requireHeldPermissions(
  scopes: readonly string[],
  { permissions }: CallerInOrganization['organization'],
): void {
  const lacking = permissionsBeyond(parsePermissions(scopes), permissions)
  if (lacking.length > 0) throw insufficientScope(...lacking)
}

/** Builds an event about a client of the caller's organization. */
export const eventOf = <Action extends AuditAction & `oauth_app.${string}`>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Action,
  statusCode: number,
  { id }: Pick<OauthAppRow, 'id'>,
  metadata: AuditMetadata<Action>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId: id, statusCode, metadata })

/** The 400 for a type that does not allow the request. */
export function typeProblem(message: string) {
  return badRequest(`type: ${message}`, [{ path: 'type', message }])
}

export function throwNotFound(): never {
  throw notFound('OAuth app')
}
