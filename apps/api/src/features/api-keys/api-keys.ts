import { isPerson, permits } from '@daytona-auth/auth'
import {
  type ApiKeyFilter,
  type ApiKeyId,
  type ApiKeyRow,
  type Database,
  findApiKey,
  getApiKey,
  listApiKeys,
} from '@daytona-auth/db'
import { badRequest, notFound } from '@daytona-auth/service'
import type { Caller, CallerInOrganization } from '../../caller.ts'
import { missingPermissions } from '../../missing-permissions.ts'

export interface ApiKeyDependencies {
  readonly database: Database
  /** Makes this process refuse a key from now on, unless the database says otherwise. */
  readonly forgetApiKey: (id: ApiKeyId) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

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

/** The caller's own live key of that name. */
export async function findOwn(
  { database }: ApiKeyDependencies,
  caller: CallerInOrganization,
  name: string,
): Promise<ApiKeyRow> {
  const { keyId } = ownKeysOf(caller)
  const row = await findApiKey(database, caller.organization.organizationId, caller.principal.userId, name, keyId)
  if (!row) throw apiKeyNotFound()
  return row
}

/** The key that asks. */
export async function current({ database }: ApiKeyDependencies, { principal }: Caller): Promise<ApiKeyRow> {
  if (principal.kind !== 'api-key') throw badRequest('This is for API keys: the credential of the request is a token')
  const row = await getApiKey(database, principal.homeOrganizationId, principal.keyId)
  if (!row) throw apiKeyNotFound()
  return row
}

export const apiKeyNotFound = () => notFound('API key')
