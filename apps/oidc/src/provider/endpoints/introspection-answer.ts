import {
  intersect,
  isPermission,
  NO_PERMISSIONS,
  namesOf,
  type OrganizationAccess,
  type Permission,
  type PermissionSet,
  type Principal,
  type ResourceTokenClaims,
  suspensionAt,
  type TokenPrincipal,
} from '@daytona-auth/auth'
import type { ResourceTokenFacts } from '@daytona-auth/db/clients'
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
  readonly token_type: 'Bearer' | 'DPoP'
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
  /** How the user signed in (RFC 9470 §6.2); absent for a token of a session of an earlier release. */
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly auth_time?: number
  /** Only for a token that is bound to a key, whose proof the client has to check (RFC 9449 section 6.2). */
  readonly cnf?: { readonly jkt: string }
  /** Only for an API key. */
  readonly api_key_id?: string
}

export interface OrganizationAnswer {
  readonly id: string
  readonly permissions: readonly Permission[]
  /** Suspended by the operator: writing resources is refused. */
  readonly suspended: boolean
}

/** The claims `acr`, `amr` and `auth_time` of an access token. */
export interface SignInClaims {
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
  readonly auth_time?: number | undefined
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
  /** How the user of the token signed in: claims of the token. */
  readonly signIn?: SignInClaims | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Builds the introspection response for a valid credential. An organization's client sees that organization only. If
 * the credential does not reach it, the response is the same as for an unknown credential.
 */
export function buildIntrospectionResponse(principal: Principal, rules: AnswerRules): ActiveAnswer | typeof INACTIVE {
  const { issuer, audience, organizationId, clientId, now } = rules
  const { userId, expiresAt, access } = principal
  // An organization that requires a stronger sign-in than the token's is out of the credential's reach.
  const within = [...access.values()].filter(({ needsSecondFactor }) => !needsSecondFactor)
  const own = organizationId === null ? undefined : within.find((one) => one.organizationId === organizationId)
  // A client may see its own token even if that reaches no organization.
  const isItsOwn = principal.kind === 'token' && principal.clientId === clientId
  if (organizationId !== null && !own && !isItsOwn) return INACTIVE
  const visible = own ? [own] : organizationId === null ? within : []
  const scope = [...identityScopes(principal), ...namesOf(heldEverywhere(visible))].join(' ')
  return {
    active: true,
    iss: issuer,
    aud: audience,
    sub: userId,
    token_type: principal.kind === 'token' && principal.confirmation !== null ? 'DPoP' : 'Bearer',
    ...(scope && { scope }),
    ...(expiresAt !== null && { exp: Math.floor(expiresAt / 1000) }),
    ...(principal.kind === 'token' ? ofToken(principal, rules) : { api_key_id: principal.keyId }),
    organizations: visible.map((each) => ({
      id: each.organizationId,
      permissions: namesOf(each.permissions),
      suspended: suspensionAt(each, now) !== null,
    })),
  }
}

/**
 * Builds the introspection response for a verified token of an API with its own audience. It has the scopes that are still
 * granted and registered, and no organizations: it carries none of our permissions.
 *
 * @param facts undefined if the grant or the API has ended
 */
export function buildResourceTokenResponse(
  claims: ResourceTokenClaims,
  facts: ResourceTokenFacts | undefined,
  rules: Omit<AnswerRules, 'audience'>,
): ActiveAnswer | typeof INACTIVE {
  const { issuer, organizationId, clientId, now } = rules
  const isVisible = organizationId === null || organizationId === facts?.organizationId || clientId === claims.clientId
  if (!facts || !isVisible) return INACTIVE
  const expiresAt = Math.min(claims.expiresAt, facts.grantExpiresAt)
  if (expiresAt <= now) return INACTIVE
  const scope = claims.scopes.filter((one) => facts.scopes.includes(one)).join(' ')
  return {
    active: true,
    iss: issuer,
    aud: claims.audience,
    sub: claims.userId,
    token_type: claims.confirmation === null ? 'Bearer' : 'DPoP',
    ...(scope && { scope }),
    exp: Math.floor(expiresAt / 1000),
    ...ofToken(claims, rules),
    organizations: [],
  }
}

const ofToken = (
  {
    clientId,
    grantId,
    tokenId,
    confirmation,
  }: Pick<TokenPrincipal, 'clientId' | 'grantId' | 'tokenId' | 'confirmation'>,
  { issuedAt, signIn = {} }: Pick<AnswerRules, 'issuedAt' | 'signIn'>,
) => ({
  client_id: clientId,
  ...(issuedAt !== undefined && { iat: issuedAt }),
  jti: tokenId,
  gid: grantId,
  ...(signIn.acr !== undefined && { acr: signIn.acr }),
  ...(signIn.amr !== undefined && { amr: signIn.amr }),
  ...(signIn.auth_time !== undefined && { auth_time: signIn.auth_time }),
  ...(confirmation !== null && { cnf: { jkt: confirmation } }),
})

/** Returns the scopes for claims. Consented permissions are left out: only effective ones count. */
const identityScopes = (principal: Principal): string[] =>
  principal.kind === 'token' ? [...principal.scopes].filter((scope) => !isPermission(scope)) : []

/** Returns the permissions held in every organization, and so in any that a request selects. None without one. */
function heldEverywhere([first, ...others]: readonly OrganizationAccess[]): PermissionSet {
  if (!first) return NO_PERMISSIONS
  return others.reduce((held, { permissions }) => intersect(held, permissions), first.permissions)
}
