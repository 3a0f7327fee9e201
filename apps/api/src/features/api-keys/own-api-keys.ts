import { isPerson, permits } from '@daytona-auth/auth'
import { type ApiKeyFilter, type ApiKeyRow, findApiKey, type Queryable } from '@daytona-auth/db'
import { notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { missingPermissions } from '../../http/missing-permissions.ts'

/** Whether the caller administers the organization that it asks in. */
export const isAdministrator = ({ organization }: CallerInOrganization): boolean =>
  permits(organization.permissions, 'admin:organization')

/**
 * The keys that concern the caller where it is no administrator: a person's own, a key itself.
 * @throws Refusal 403 for a third-party app: its user's keys are none of its business.
 */
export function ownKeysOf(caller: CallerInOrganization): Pick<ApiKeyFilter, 'userId' | 'keyId'> {
  const { principal } = caller
  const own = { userId: principal.userId }
  if (isPerson(principal) || isAdministrator(caller)) return own
  if (principal.kind === 'api-key') return { ...own, keyId: principal.keyId }
  throw missingPermissions(['admin:organization'])
}

/** The caller's own live key of that name. */
export async function findOwn(
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
