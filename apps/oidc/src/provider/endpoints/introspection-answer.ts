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
import type { OrganizationId } from '@daytona-auth/db'

/** RFC 7662 §2.2 for everything that is not good here and for this client; it tells nothing else. */
export const INACTIVE = Object.freeze({ active: false })

/** What a good credential is worth to the client that asks. Instants are seconds since the epoch. */
export interface ActiveAnswer {
  readonly active: true
  readonly iss: string
  readonly aud: string
  /** The user behind the credential. */
  readonly sub: string
  readonly token_type: 'Bearer'
  /** What may be done whichever of `organizations` is meant; absent where that is nothing. */
  readonly scope?: string
  /** Absent for a key without an end. */
  readonly exp?: number
  /** Where the client may see the credential work, and what it may do there now. */
  readonly organizations: readonly OrganizationAnswer[]
  /** Of an access token. */
  readonly client_id?: string
  readonly iat?: number
  readonly jti?: string
  readonly gid?: string
  /** Of an API key; an access token has none. */
  readonly api_key_id?: string
}

export interface OrganizationAnswer {
  readonly id: string
  readonly permissions: readonly Permission[]
  /** By the operator: writing resources is refused there. */
  readonly suspended: boolean
}

export interface AnswerRules {
  readonly issuer: string
  readonly audience: string
  /** The organization that the client belongs to; null for one of the operator's, which sees all. */
  readonly organizationId: OrganizationId | null
  /** The client that introspects. */
  readonly clientId: string
  /** When the token was issued, in seconds since the epoch. */
  readonly issuedAt?: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * What a client is told of a credential that is good in itself. A client of an organization's hears of that one alone:
 * where the credential does not reach it, the answer is that of one that does not exist.
 */
export function introspectionAnswer(principal: Principal, rules: AnswerRules): ActiveAnswer | typeof INACTIVE {
  const { issuer, audience, organizationId, clientId, issuedAt, now } = rules
  const { userId, expiresAt, access } = principal
  const own = organizationId === null ? undefined : access.get(organizationId)
  // Its own token a client may see, also one that reaches no organization.
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

/** Scopes that open claims. A consented permission counts only as far as it is in effect. */
const identityScopes = (principal: Principal): string[] =>
  principal.kind === 'token' ? [...principal.scopes].filter((scope) => !isPermission(scope)) : []

/** Held in each of them, so that it is held in the one that a request means. Nowhere is nothing. */
function heldEverywhere([first, ...others]: readonly OrganizationAccess[]): PermissionSet {
  if (!first) return NO_PERMISSIONS
  return others.reduce((held, { permissions }) => intersect(held, permissions), first.permissions)
}
