import { type ApiKeyRow, getApiKey } from '@daytona-auth/db/api-keys'
import type { ApiKeyId, Database } from '@daytona-auth/db/core'
import { badRequest } from '@daytona-auth/service'
import type { Caller } from '../../http/caller.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'
import { apiKeyNotFound } from './own-api-keys.ts'

export interface ApiKeyDependencies {
  readonly database: Database
  readonly limits: CreationLimits
  /** Invalidates a key in this process: the next request reads it from the database. */
  readonly invalidateApiKey: (id: ApiKeyId) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Returns the key of the request. @throws Denial 400 for a token */
export async function getCurrentApiKey({ database }: ApiKeyDependencies, { principal }: Caller): Promise<ApiKeyRow> {
  if (principal.kind !== 'api-key')
    throw badRequest('The credential of the request is a token: send an API key', undefined, 'api_key_required')
  const row = await getApiKey(database, principal.homeOrganizationId, principal.keyId)
  if (!row) throw apiKeyNotFound()
  return row
}
