import {
  insufficientScope,
  isPerson,
  mintKey,
  type Permission,
  type Principal,
  parsePermissions,
  SECOND_FACTOR,
} from '@daytona-auth/auth'
import {
  type ApiKeyRow,
  countSupersededSecrets,
  getApiKey,
  hasMoreApiKeysThan,
  type InsertedApiKey,
  insertApiKey,
  isDescendantOf,
  lockApiKey,
  lockApiKeyCreation,
  rotateApiKey,
} from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import { newId, type OrganizationId, type Queryable } from '@daytona-auth/db/core'
import { conflict, forbidden } from '@daytona-auth/service'
import { hasSqlState } from '@daytona-auth/service/sql-state'
import type * as z from 'zod'
import type { Caller, CallerInOrganization } from '../../http/caller.ts'
import { requireFuture } from '../../http/schemas.ts'
import { requireStepUp } from '../../http/step-up.ts'
import { counted, limitReached } from '../../limits/creation-limits.ts'
import type { ApiKeyDependencies } from './api-keys.ts'
import { findEscalation, type KeyRequest } from './escalation.ts'
import { expiryEntry } from './expiry-entry.ts'
import { apiKeyNotFound, findOwnApiKey } from './own-api-keys.ts'
import type { CreateApiKey, RotateApiKey } from './schema.ts'

/** A key with its secret in clear, for the one response that shows it. */
export interface IssuedKey {
  readonly row: ApiKeyRow
  readonly value: string
}

/**
 * Creates a key in the caller's organization.
 * @throws Denial 403 if it would exceed what the caller holds, 401 if it requires a stronger or more recent sign-in, 409 if
 * its name is taken or a limit is reached
 */
export async function createApiKey(
  dependencies: ApiKeyDependencies,
  caller: CallerInOrganization,
  asked: z.output<typeof CreateApiKey>,
): Promise<IssuedKey> {
  requireFuture('expiresAt', asked.expiresAt, dependencies.now())
  const { limits } = dependencies
  const { principal } = caller
  const home = caller.organization.organizationId
  const expiresAt = asked.expiresAt == null ? null : Date.parse(asked.expiresAt)
  const permissions = [...new Set(asked.permissions)]
  const requestedIds = [...new Set([home, ...(asked.organizationIds ?? [])])]
  if (requestedIds.length > limits.organizationsPerApiKey) {
    throw limitReached(
      `${counted(limits.organizationsPerApiKey, 'organization')} per API key`,
      'create the key for fewer organizations',
    )
  }
  const keyRequest = { permissions: parsePermissions(permissions), organizationIds: requestedIds, expiresAt }
  requireSecondFactors(caller, requestedIds)
  denyEscalation(principal, keyRequest)
  const organizationIds = requestedIds as OrganizationId[] // the caller has access to each, so each is an id

  const id = newId('key')
  const { key: value, digest, hint } = mintKey()
  const metadata = {
    keyId: id,
    keyName: asked.name,
    permissions,
    expiresAt: isoOrNull(expiresAt),
    ...parentOf(principal),
  }
  const entriesFor = ({ expired }: InsertedApiKey): AuditEntry[] => [
    ...expired.map(expiryEntry),
    ...organizationIds.map((organizationId) =>
      auditEntry('api_key.create', { ...caller.actor, organizationId, targetId: id, statusCode: 201, metadata }),
    ),
  ]
  await inAudit(dependencies.database, caller.authority('use', organizationIds), entriesFor, async (tx, confirmed) => {
    requireSecondFactors(confirmed, organizationIds)
    denyEscalation(confirmed.principal, keyRequest)
    if (permissions.includes(ADMINISTRATION)) await requireStepUp(tx, confirmed)
    await lockApiKeyCreation(tx, principal.userId)
    const inserted = await insertApiKey(
      tx,
      home,
      {
        id,
        userId: principal.userId,
        name: asked.name,
        description: asked.description,
        permissions,
        organizationIds,
        ...parentOf(principal),
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      },
      { digest, hint },
    )
    if (!inserted.isPlaced) {
      throw conflict(
        'api_key_name_taken',
        'An active API key of that name exists already: choose another name or delete that key',
      )
    }
    if (await hasMoreApiKeysThan(tx, principal.userId, organizationIds, limits.apiKeysPerOwner)) {
      throw limitReached(
        `${counted(limits.apiKeysPerOwner, 'active API key')} per owner and organization`,
        'delete one that you do not need any more',
      )
    }
    return inserted
  }).catch((error: unknown) => {
    // It was revoked between its verification and the insert.
    throw hasSqlState(error, 'parent_ended') ? caller.credentialEnded() : error
  })
  return { row: await getIssued(dependencies.database, home, id), value }
}

/**
 * Replaces the secret of one of the caller's own keys.
 * @throws Denial 404 for an ended key or another user's, 403 if the caller could not have created it, 409 if too many
 * of its secrets are under grace
 */
export async function rotateOwnApiKey(
  dependencies: ApiKeyDependencies,
  caller: CallerInOrganization,
  name: string,
  asked: z.output<typeof RotateApiKey>,
): Promise<IssuedKey> {
  const { database, invalidateApiKey, limits, now } = dependencies
  requireFuture('expiresAt', asked.expiresAt, now())
  const { key: value, digest, hint } = mintKey()
  const entriesFor = (row: ApiKeyRow): AuditEntry[] =>
    row.organizationIds.map((organizationId) =>
      auditEntry('api_key.rotate', {
        ...caller.actor,
        organizationId,
        targetId: row.id,
        statusCode: 201,
        metadata: {
          keyId: row.id,
          keyName: row.name,
          gracePeriodSeconds: asked.gracePeriodSeconds,
          expiresAt: row.expiresAt?.toISOString() ?? null,
        },
      }),
    )
  // Every check runs under the key's lock: of two concurrent rotations, the second sees the result of the first.
  const row = await inAudit<ApiKeyRow, CallerInOrganization>(
    database,
    caller.authority('manage', null),
    entriesFor,
    async (tx, confirmed) => {
      const found = await findOwnApiKey({ database: tx }, confirmed, name)
      if (!(await lockApiKey(tx, found.organizationId, found.id))) throw apiKeyNotFound()
      const before = await getIssued(tx, found.organizationId, found.id)
      const expiresAt = asked.expiresAt == null ? asked.expiresAt : new Date(asked.expiresAt)
      await requireKeySignIn(tx, confirmed, before, before.permissions)
      await requireRotatable(tx, confirmed.principal, before, expiresAt)
      const graceSeconds = asked.gracePeriodSeconds
      await rotateApiKey(tx, before.id, { digest, hint }, { graceSeconds, expiresAt })
      if ((await countSupersededSecrets(tx, before.id)) > limits.secretsUnderGrace) {
        throw limitReached(
          `${counted(limits.secretsUnderGrace, 'secret')} under grace per API key`,
          'wait until one ends, or rotate with gracePeriodSeconds 0, which ends them all',
        )
      }
      return getIssued(tx, before.organizationId, before.id)
    },
  )
  invalidateApiKey(row.id)
  return { row, value }
}

/** @throws Denial 403 if the principal could not have created the key as it will be */
async function requireRotatable(
  db: Queryable,
  principal: Principal,
  row: ApiKeyRow,
  expiresAt: Date | null | undefined,
): Promise<void> {
  const end = (expiresAt === undefined ? row.expiresAt : expiresAt)?.getTime() ?? null
  if (isPerson(principal)) {
    // A key's permissions are limited at each use to those of its owner, so a new secret adds none.
    if (expiresAt !== undefined) denyToOutliveParent(row, end)
    return
  }
  denyEscalation(principal, {
    permissions: parsePermissions(row.permissions),
    organizationIds: row.organizationIds,
    expiresAt: end,
  })
  denyToOutliveParent(row, end)
  // Otherwise the new secret would outlive the credential that requested it.
  if (!(await isDescendantOf(db, row.id, makerOf(principal))))
    throw forbidden('The API key was not created with this credential')
}

/** The permission that includes all others. A key with it is as much as its owner, except in person. */
const ADMINISTRATION: Permission = 'admin:organization'

/**
 * Requires the sign-in for a change of a key that adds `permissions` or a secret.
 * @throws Denial 401 as `requireSecondFactors` and `requireStepUp`
 */
export async function requireKeySignIn(
  db: Queryable,
  caller: Caller,
  { organizationIds }: Pick<ApiKeyRow, 'organizationIds'>,
  permissions: readonly string[],
): Promise<void> {
  requireSecondFactors(caller, organizationIds)
  if (permissions.includes(ADMINISTRATION)) await requireStepUp(db, caller)
}

/** @throws Denial 401 if one of the organizations requires a second factor that the caller's sign-in had not */
function requireSecondFactors(caller: Caller, organizationIds: readonly string[]): void {
  const { access } = caller.principal
  // Any text may be looked up: only ids of organizations are keys of the map.
  if (organizationIds.some((id) => access.get(id as OrganizationId)?.needsSecondFactor)) {
    caller.requireSignIn(SECOND_FACTOR)
  }
}

/** @throws Denial 403 for a key that the principal may not issue */
export function denyEscalation(principal: Principal, keyRequest: KeyRequest): void {
  const permissionsBeyond = findEscalation(principal, keyRequest)
  if (!permissionsBeyond) return
  throw permissionsBeyond.missing.length > 0
    ? insufficientScope(...permissionsBeyond.missing)
    : forbidden(permissionsBeyond.why)
}

/** @throws Denial 403 for an end after that of the key's parent */
export function denyToOutliveParent({ parentExpiresAt }: ApiKeyRow, end: number | null): void {
  if (parentExpiresAt !== null && (end === null || end > parentExpiresAt.getTime())) {
    throw forbidden('The API key would outlive the credential that it is created with: set an earlier expiresAt')
  }
}

/** Returns the parent with which a key is revoked. Keys created in a browser session have no parent. */
function parentOf(principal: Principal) {
  if (principal.kind === 'api-key') return { parentKeyId: principal.keyId }
  return principal.firstParty ? {} : { parentGrantId: principal.grantId }
}

/** Returns the credential as a parent of keys. */
export const makerOf = (principal: Principal) =>
  principal.kind === 'api-key' ? { keyId: principal.keyId } : { grantId: principal.grantId }

/** @throws Denial 404 */
export async function getIssued(db: Queryable, home: OrganizationId, id: ApiKeyRow['id']) {
  const row = await getApiKey(db, home, id)
  if (!row) throw apiKeyNotFound()
  return row
}

const isoOrNull = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : new Date(milliseconds).toISOString()
