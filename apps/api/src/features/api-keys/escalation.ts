import {
  excess,
  isPerson,
  type Permission,
  type PermissionSet,
  type Principal,
  permissionNames,
  permits,
} from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db'

/** A key that somebody wants to issue. */
export interface KeyRequest {
  readonly permissions: PermissionSet
  readonly organizationIds: readonly string[]
  /** Milliseconds since the epoch; null for a key without end. */
  readonly expiresAt: number | null
}

/** Why a caller may not issue a key. `missing` are the permissions that would let it, where any would. */
export interface Excess {
  readonly why: string
  readonly missing: readonly Permission[]
}

/**
 * Whether a caller may issue a key, by what it holds in each of the organizations that the key would act in: nobody
 * gives what they do not hold. A person does so freely; a key or a third-party app needs `admin:organization` as well,
 * and what it makes ends no later than itself. `undefined`: it may.
 */
export function excessOf(principal: Principal, wish: KeyRequest): Excess | undefined {
  const missing = new Set<Permission>()
  for (const organizationId of wish.organizationIds) {
    // Any text may be looked up: only ids of organizations are keys of the map.
    const access = principal.access.get(organizationId as OrganizationId)
    if (!access) return { why: 'no access to an organization of the key', missing: [] }
    if (!isPerson(principal) && !permits(access.permissions, 'admin:organization')) missing.add('admin:organization')
    for (const permission of excess(wish.permissions, access.permissions)) missing.add(permission)
  }
  if (missing.size > 0) {
    return {
      why: 'permissions that the caller does not hold',
      missing: permissionNames().filter((permission) => missing.has(permission)),
    }
  }
  const end = endOf(principal)
  if (end !== null && (wish.expiresAt === null || wish.expiresAt > end)) {
    return { why: 'the key would outlive the credential that makes it', missing: [] }
  }
  return undefined
}

/** When what the caller makes must have ended: a person's keys outlive the token that they were made with. */
function endOf(principal: Principal): number | null {
  if (principal.kind === 'api-key') return principal.keyExpiresAt
  return principal.firstParty ? null : principal.grantExpiresAt
}
