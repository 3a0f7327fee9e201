import {
  intersect,
  isPermission,
  NO_PERMISSIONS,
  namesOf,
  type OrganizationAccess,
  type Permission,
  type PermissionSet,
  type Principal,
  suspensionAt,
  type TokenPrincipal,
} from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db/core'

/**
 * The response of RFC 7662 §2.2 for a credential that is invalid here or out of this client's reach. It has no other
 * member.
 */
export const INACTIVE = Object.freeze({ active: false })

/** The response for a valid credential, limited to what the client may see. Times are seconds since the epoch. */
export interface ActiveAnswer {
  readonly active: true
  readonly iss: string
  readonly aud: string
  /** The credential's user. */
  readonly sub: string
  readonly token_type: 'Bearer'
  /** Identity scopes, and the permissions held in every one of `organizations`; absent if empty. */
  readonly scope?: string
  /** Absent for a key without expiry. */
  readonly exp?: number
  /** The organizations visible to the client, with the credential's effective permissions. */
  readonly organizations: readonly OrganizationAnswer[]
  /** Only for an access token. */
  readonly client_id?: string
  readonly iat?: number
  readonly jti?: string
  readonly gid?: string
  /** Only for an API key. */
  readonly api_key_id?: string
}

export interface OrganizationAnswer {
  readonly id: string
  readonly permissions: readonly Permission[]
  /** Suspended by the operator: writing resources is refused. */
  readonly suspended: boolean
}

export interface AnswerRules {
  readonly issuer: string
  readonly audience: string
  /** The organization that owns the client; null for the operator's clients, which see all organizations. */
  readonly organizationId: OrganizationId | null
  /** The client that introspects. */
  readonly clientId: string
  /** When the token was issued, in seconds since the epoch. */
  readonly issuedAt?: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Builds the introspection response for a valid credential. An organization's client sees that organization only. If
 * the credential does not reach it, the response is the same as for an unknown credential.
 */
export function buildIntrospectionResponse(principal: Principal, rules: AnswerRules): ActiveAnswer | typeof INACTIVE {
  const { issuer, audience, organizationId, clientId, issuedAt, now } = rules
  const { userId, expiresAt, access } = principal
  const own = organizationId === null ? undefined : access.get(organizationId)
  // A client may see its own token even if that reaches no organization.
  const isItsOwn = principal.kind === 'token' && principal.clientId === clientId
  if (organizationId !== null && !own && !isItsOwn) return INACTIVE
  const visible = own ? [own] : organizationId === null ? [...access.values()] : []
  const scope = [...identityScopes(principal), ...namesOf(heldEverywhere(visible))].join(' ')
  return {
    active: true,
    iss: issuer,
    aud: audience,
    sub: userId,
    token_type: 'Bearer',
    ...(scope && { scope }),
    ...(expiresAt !== null && { exp: Math.floor(expiresAt / 1000) }),
    ...(principal.kind === 'token' ? ofToken(principal, issuedAt) : { api_key_id: principal.keyId }),
    organizations: visible.map((each) => ({
      id: each.organizationId,
      permissions: namesOf(each.permissions),
      suspended: suspensionAt(each, now) !== null,
    })),
  }
}

const ofToken = ({ clientId, grantId, tokenId }: TokenPrincipal, issuedAt: number | undefined) => ({
  client_id: clientId,
  ...(issuedAt !== undefined && { iat: issuedAt }),
  jti: tokenId,
  gid: grantId,
})

/** Returns the scopes for claims. Consented permissions are left out: only effective ones count. */
const identityScopes = (principal: Principal): string[] =>
  principal.kind === 'token' ? [...principal.scopes].filter((scope) => !isPermission(scope)) : []

/** Returns the permissions held in every organization, and so in any that a request selects. None without one. */
function heldEverywhere([first, ...others]: readonly OrganizationAccess[]): PermissionSet {
  if (!first) return NO_PERMISSIONS
  return others.reduce((held, { permissions }) => intersect(held, permissions), first.permissions)
}
