import {
  type ApiKeyFilter,
  type ApiKeyId,
  type ApiKeyRow,
  type Database,
  getApiKey,
  listApiKeys,
  type Page,
  type PageRequest,
} from '@daytona-auth/db'
import { badRequest } from '@daytona-auth/service'
import type { Caller, CallerInOrganization } from '../../http/caller.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'
import { apiKeyNotFound, isAdministrator, ownKeysOf } from './own-api-keys.ts'

export interface ApiKeyDependencies {
  readonly database: Database
  readonly limits: CreationLimits
  /** Makes this process refuse a key from now on, unless the database says otherwise. */
  readonly invalidateApiKey: (id: ApiKeyId) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A page of everybody's keys for administrators, of their own for the others. */
export const list = (
  { database }: ApiKeyDependencies,
  caller: CallerInOrganization,
  status: ApiKeyFilter['status'],
  page: PageRequest<null>,
): Promise<Page<ApiKeyRow, null>> => {
  const filter = { ...(isAdministrator(caller) ? {} : ownKeysOf(caller)), status }
  return listApiKeys(database, caller.organization.organizationId, filter, page)
}

/** The key that asks. */
export async function current({ database }: ApiKeyDependencies, { principal }: Caller): Promise<ApiKeyRow> {
  if (principal.kind !== 'api-key')
    throw badRequest('This is for API keys: the credential of the request is a token', undefined, 'api_key_required')
  const row = await getApiKey(database, principal.homeOrganizationId, principal.keyId)
  if (!row) throw apiKeyNotFound()
  return row
}
