import {
  isPerson,
  type Permission,
  type PermissionSet,
  type Principal,
  permissionNames,
  permissionsBeyond,
  permits,
} from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db/core'

/** A key that a caller requests to issue. */
export interface KeyRequest {
  readonly permissions: PermissionSet
  readonly organizationIds: readonly string[]
  /** Milliseconds since the epoch; null for a key that does not expire. */
  readonly expiresAt: number | null
}

/** The reason why a caller may not issue a key. `missing` are the permissions that would allow it, if any would. */
export interface Escalation {
  readonly why: string
  readonly missing: readonly Permission[]
}

/**
 * Checks whether a caller may issue a key, by the caller's permissions in each organization of the key: a caller grants
 * only permissions that it holds. A key or a third-party app also needs `admin:organization`, and its keys end no later
 * than itself. `undefined`: allowed.
 */
export function findEscalation(principal: Principal, keyRequest: KeyRequest): Escalation | undefined {
  const missing = new Set<Permission>()
  for (const organizationId of keyRequest.organizationIds) {
    // Any text may be looked up: only ids of organizations are keys of the map.
    const access = principal.access.get(organizationId as OrganizationId)
    if (!access) return { why: 'The credential has no access to an organization of the API key', missing: [] }
    if (!isPerson(principal) && !permits(access.permissions, 'admin:organization')) missing.add('admin:organization')
    for (const permission of permissionsBeyond(keyRequest.permissions, access.permissions)) missing.add(permission)
  }
  if (missing.size > 0) {
    return {
      why: 'The credential lacks permissions of the API key',
      missing: permissionNames().filter((permission) => missing.has(permission)),
    }
  }
  const end = endOf(principal)
  if (end !== null && (keyRequest.expiresAt === null || keyRequest.expiresAt > end)) {
    return { why: 'The API key would outlive the credential that creates it: set an earlier expiresAt', missing: [] }
  }
  return undefined
}

/** Returns the latest end of the caller's keys. A person's keys may outlive the token that created them. */
function endOf(principal: Principal): number | null {
  if (principal.kind === 'api-key') return principal.keyExpiresAt
  return principal.firstParty ? null : principal.grantExpiresAt
}
