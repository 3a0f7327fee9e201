import { insufficientScope, isPerson, permits } from '@daytona-auth/auth'
import { type ApiKeyFilter, type ApiKeyRow, findApiKey } from '@daytona-auth/db/api-keys'
import type { OrganizationId, Queryable, UserId } from '@daytona-auth/db/core'
import { notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'

/** Whether the caller administers the organization of the request. */
export const isAdministrator = ({ organization }: CallerInOrganization): boolean =>
  permits(organization.permissions, 'admin:organization')

/**
 * Returns the filter of a caller's own keys, accessible without `admin:organization`: a person's keys, or a key itself.
 * @throws Denial 403 for a third-party app, which must not access its user's keys
 */
export function ownKeysOf(caller: CallerInOrganization): Pick<ApiKeyFilter, 'userId' | 'keyId'> {
  const { principal } = caller
  const own = { userId: principal.userId }
  if (isPerson(principal) || isAdministrator(caller)) return own
  if (principal.kind === 'api-key') return { ...own, keyId: principal.keyId }
  throw insufficientScope('admin:organization')
}

/** Who reads a key: a user in an organization. */
export interface ApiKeyReader {
  readonly userId: UserId
  readonly organizationId: OrganizationId
}

/** Whether a reader may see a key's last address. That of a key from elsewhere may stem from another organization. */
export const isAddressShown = (
  reader: ApiKeyReader,
  { userId, organizationId }: Pick<ApiKeyRow, 'userId' | 'organizationId'>,
): boolean => userId === reader.userId || organizationId === reader.organizationId

/** Finds the caller's own active key of that name. @throws Denial 404 */
export async function findOwnApiKey(
  { database }: { readonly database: Queryable },
  caller: CallerInOrganization,
  name: string,
): Promise<ApiKeyRow> {
  const { keyId } = ownKeysOf(caller)
  const row = await findApiKey(database, caller.organization.organizationId, caller.principal.userId, name, keyId)
  if (!row) throw apiKeyNotFound()
  return row
}

export const apiKeyNotFound = () => notFound('API key')
