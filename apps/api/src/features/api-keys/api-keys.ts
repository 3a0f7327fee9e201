import {
  type ApiKeyFilter,
  type ApiKeyId,
  type ApiKeyRow,
  type Database,
  getApiKey,
  listApiKeys,
} from '@daytona-auth/db'
import { badRequest } from '@daytona-auth/service'
import type { Caller, CallerInOrganization } from '../../caller.ts'
import type { CreationLimits } from '../../creation-limits.ts'
import { apiKeyNotFound, isAdministrator, ownKeysOf } from '../../own-api-keys.ts'

export interface ApiKeyDependencies {
  readonly database: Database
  readonly limits: CreationLimits
  /** Makes this process refuse a key from now on, unless the database says otherwise. */
  readonly forgetApiKey: (id: ApiKeyId) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Administrators see everybody's keys, the others what is theirs. */
export const list = (
  { database }: ApiKeyDependencies,
  caller: CallerInOrganization,
  status: ApiKeyFilter['status'],
): Promise<ApiKeyRow[]> =>
  listApiKeys(database, caller.organization.organizationId, {
    ...(isAdministrator(caller) ? {} : ownKeysOf(caller)),
    status,
  })

/** The key that asks. */
export async function current({ database }: ApiKeyDependencies, { principal }: Caller): Promise<ApiKeyRow> {
  if (principal.kind !== 'api-key')
    throw badRequest('This is for API keys: the credential of the request is a token', undefined, 'api_key_required')
  const row = await getApiKey(database, principal.homeOrganizationId, principal.keyId)
  if (!row) throw apiKeyNotFound()
  return row
}
