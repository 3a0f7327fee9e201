import { isPerson, type Principal, parsePermissions, permissionsBeyond } from '@daytona-auth/auth'
import {
  type AffectedKey,
  type ApiKeyChange,
  type ApiKeyRow,
  type DescendantKey,
  isDescendantOf,
  listDescendants,
  lockApiKey,
  lockApiKeyCreation,
  renameApiKey,
  updateApiKey,
} from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { ApiKeyId, OrganizationId, Queryable } from '@daytona-auth/db/core'
import { conflict, forbidden } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireFuture } from '../../http/schemas.ts'
import type { ApiKeyDependencies } from './api-keys.ts'
import { expiryEntry } from './expiry-entry.ts'
import { denyEscalation, denyToOutliveParent, getIssued, makerOf, requireKeySignIn } from './issue.ts'
import { apiKeyNotFound, findOwnApiKey } from './own-api-keys.ts'
import type { UpdateApiKey } from './schema.ts'

interface Changed {
  readonly before: ApiKeyRow
  readonly after: ApiKeyRow
  /** Keys of the new name that had expired. */
  readonly expired: readonly AffectedKey[]
  /** Keys made with the changed one that changed with it. */
  readonly descendants: readonly { readonly before: DescendantKey; readonly after: DescendantKey }[]
}

/**
 * Changes name, description, permissions and expiry of one of the caller's own keys. Keys made with it follow.
 * @throws Denial 404 for an ended key or another user's, 403 if the caller could not have created it with what is added,
 * 409 for a taken name
 */
export async function changeOwnApiKey(
  { database, invalidateApiKey, now }: ApiKeyDependencies,
  caller: CallerInOrganization,
  name: string,
  asked: z.output<typeof UpdateApiKey>,
): Promise<ApiKeyRow> {
  requireFuture('expiresAt', asked.expiresAt, now())
  // Every check runs under the key's lock: of two concurrent changes, the second sees the result of the first.
  const changed = await inAudit<Changed, CallerInOrganization>(
    database,
    caller.authority('manage', null),
    (result) => entriesOf(caller, result),
    async (tx, confirmed) => {
      const found = await findOwnApiKey({ database: tx }, confirmed, name)
      await lockApiKeyCreation(tx, found.userId)
      if (!(await lockApiKey(tx, found.organizationId, found.id))) throw apiKeyNotFound()
      const before = await getIssued(tx, found.organizationId, found.id)
      const change = differences(before, asked)
      const added = (change.permissions ?? []).filter((name) => !before.permissions.includes(name))
      await requireKeySignIn(tx, confirmed, before, added)
      await requireChangeable(tx, confirmed.principal, before, change)
      const { name: newName, ...rest } = change
      const children = await listDescendants(tx, before.id)
      let expired: readonly AffectedKey[] = []
      if (newName !== undefined) {
        const renaming = await renameApiKey(tx, before.id, before.userId, newName)
        if (!renaming.isRenamed) throw nameTaken()
        expired = renaming.expired
      }
      if (Object.keys(rest).length > 0) await updateApiKey(tx, before.id, rest)
      const after = await getIssued(tx, before.organizationId, before.id)
      requireUncut(after, rest)
      const childrenAfter = await listDescendants(
        tx,
        before.id,
        children.map(({ id }) => id),
      )
      const descendants = children.flatMap((child, index) => {
        const result = childrenAfter[index]
        return result && (isCut(child, result) || !result.isActive) ? [{ before: child, after: result }] : []
      })
      return { before, after, expired, descendants }
    },
  )
  invalidateApiKey(changed.after.id)
  for (const { after } of changed.descendants) invalidateApiKey(after.id)
  return changed.after
}

/** Returns the given members whose value is another one. */
function differences(row: ApiKeyRow, asked: z.output<typeof UpdateApiKey>): ApiKeyChange {
  const permissions = asked.permissions && [...new Set(asked.permissions)]
  const expiresAt = typeof asked.expiresAt === 'string' ? new Date(asked.expiresAt) : asked.expiresAt
  return {
    ...(asked.name !== undefined && asked.name !== row.name && { name: asked.name }),
    ...(asked.description !== undefined && asked.description !== row.description && { description: asked.description }),
    ...(permissions && !isSameSet(permissions, row.permissions) && { permissions }),
    ...(expiresAt !== undefined && expiresAt?.getTime() !== row.expiresAt?.getTime() && { expiresAt }),
  }
}

/** @throws Denial 403 if the principal could not have created the key with what the change adds */
async function requireChangeable(
  db: Queryable,
  principal: Principal,
  row: ApiKeyRow,
  { permissions = row.permissions, expiresAt = row.expiresAt }: ApiKeyChange,
): Promise<void> {
  const end = expiresAt?.getTime() ?? null
  if (end !== (row.expiresAt?.getTime() ?? null)) denyToOutliveParent(row, end)
  const request = { organizationIds: row.organizationIds, expiresAt: end }
  if (isPerson(principal)) {
    const added = permissionsBeyond(parsePermissions(permissions), parsePermissions(row.permissions))
    // At each use, the permissions that it had are limited to those of its owner.
    if (added.length > 0) denyEscalation(principal, { ...request, permissions: parsePermissions(added) })
    return
  }
  denyEscalation(principal, { ...request, permissions: parsePermissions(permissions) })
  denyToOutliveParent(row, end)
  if (!(await isDescendantOf(db, row.id, makerOf(principal)))) {
    throw forbidden('The API key was not created with this credential')
  }
}

/** @throws Denial 403 if the database has limited the change to what the key's parent has */
function requireUncut(after: ApiKeyRow, { permissions, expiresAt }: ApiKeyChange): void {
  const isWhole =
    (permissions === undefined || isSameSet(permissions, after.permissions)) &&
    (expiresAt === undefined || expiresAt?.getTime() === after.expiresAt?.getTime())
  if (!isWhole) throw forbidden('The API key would exceed the credential that it was created with')
}

const isSameSet = (one: readonly string[], other: readonly string[]): boolean => {
  const [first, second] = [new Set(one), new Set(other)]
  return first.size === second.size && [...first].every((name) => second.has(name))
}

const isCut = (before: DescendantKey, after: DescendantKey): boolean =>
  !isSameSet(before.permissions, after.permissions) || before.expiresAt?.getTime() !== after.expiresAt?.getTime()

const nameTaken = () =>
  conflict(
    'api_key_name_taken',
    'An active API key of that name exists already: choose another name or delete that key',
  )

/** Returns the events of a change. A request that changes nothing has none. */
function entriesOf(caller: CallerInOrganization, { before, after, expired, descendants }: Changed): AuditEntry[] {
  const [was, is] = changedMembers(before, after)
  const isChanged = Object.keys(is).length > 0
  return [
    ...expired.map(expiryEntry),
    ...(isChanged ? after.organizationIds : []).map((organizationId) =>
      updateEntry(caller, organizationId, after, { before: was, after: is }),
    ),
    ...descendants.map((child) => {
      const [childWas, childIs] = changedMembers(child.before, child.after)
      const { organizationId, isActive } = child.after
      return isActive
        ? updateEntry(caller, organizationId, child.after, {
            before: childWas,
            after: childIs,
            updatedWithKeyId: after.id,
          })
        : deletionEntry(caller, organizationId, child.after, after.id)
    }),
  ]
}

type Members = Pick<ApiKeyRow, 'name' | 'permissions' | 'expiresAt'> & { readonly description?: string }

/** Returns the members that differ, as they were and as they are. */
function changedMembers(before: Members, after: Members): [Record<string, unknown>, Record<string, unknown>] {
  const [was, is] = [membersOf(before), membersOf(after)]
  const names = Object.keys(is).filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]))
  const pick = (members: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, members[name]]))
  return [pick(was), pick(is)]
}

const membersOf = ({ name, description, permissions, expiresAt }: Members): Record<string, unknown> => ({
  name,
  description,
  permissions: [...permissions].sort(),
  expiresAt: expiresAt?.toISOString() ?? null,
})

const updateEntry = (
  { actor }: CallerInOrganization,
  organizationId: OrganizationId,
  { id, name }: Pick<ApiKeyRow, 'id' | 'name'>,
  change: { readonly before: unknown; readonly after: unknown; readonly updatedWithKeyId?: ApiKeyId },
): AuditEntry =>
  auditEntry('api_key.update', {
    ...actor,
    organizationId,
    targetId: id,
    statusCode: 200,
    metadata: { keyId: id, keyName: name, ...change },
  })

const deletionEntry = (
  { actor }: CallerInOrganization,
  organizationId: OrganizationId,
  { id, name }: Pick<ApiKeyRow, 'id' | 'name'>,
  deletedWithKeyId: ApiKeyId,
): AuditEntry =>
  auditEntry('api_key.delete', {
    ...actor,
    organizationId,
    targetId: id,
    statusCode: 204,
    metadata: { keyId: id, keyName: name, deletedWithKeyId },
  })
