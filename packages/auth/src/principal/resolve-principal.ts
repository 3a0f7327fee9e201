import type { GrantId, OrganizationId } from '@daytona-auth/db/core'
import type { ApiKeyFacts, MembershipFacts, TokenFacts, UserFacts } from '@daytona-auth/db/principals'
import { ALL_PERMISSIONS, intersect, NO_PERMISSIONS, type PermissionSet, parsePermissions } from './permission.ts'
import type { KnownKey, OrganizationAccess } from './principal.ts'
import { type Answer, denyCredential } from './result.ts'
import { SECOND_FACTOR, type SignIn, satisfiesSignIn } from './sign-in.ts'

/** The claims of a token whose signature and form were verified. Instants are milliseconds since the epoch. */
export interface TokenClaims {
  readonly tokenId: string
  readonly grantId: GrantId
  readonly userId: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly expiresAt: number
  readonly kid: string
  /** The thumbprint of the key that the token is bound to; null for a bearer token. */
  readonly confirmation: string | null
  readonly signIn: SignIn
}

/**
 * Resolves a key's principal from its database row, or why it is refused.
 *
 * Its effective permissions are the intersection of its own, its owner's and those of every parent, all as of now, in the
 * organizations where the owner is a member, and that allow the apps of its grants. Expiry of the key, its parents and a
 * superseded secret is not checked here: the verifier compares `expiresAt` on each request.
 */
export function resolveApiKey(facts: ApiKeyFacts): Answer {
  const known: KnownKey = {
    keyId: facts.keyId,
    homeOrganizationId: facts.homeOrganizationId,
    secretDigest: facts.digest,
  }
  if (facts.status !== 'active') return denyCredential('api-key', facts.status, { key: known })
  if (facts.user.isDisabled) return denyCredential('api-key', 'user-disabled', { key: known })

  const permissions = parsePermissions(facts.permissions)
  let granted = permissions
  let { keyExpiresAt, memberships } = facts
  const denying: OrganizationId[] = []
  for (const parent of facts.parents) {
    if (parent.isEnded) return denyCredential('api-key', 'revoked', { key: known })
    const { organizationIds, denyingOrganizationIds } = parent
    denying.push(...denyingOrganizationIds)
    if (parent.permissions) granted = intersect(granted, parsePermissions(parent.permissions))
    if (organizationIds) memberships = memberships.filter((one) => organizationIds.includes(one.organizationId))
    keyExpiresAt = earlier(keyExpiresAt, parent.expiresAt)
  }
  return Object.freeze({
    kind: 'api-key',
    ...known,
    keyName: facts.keyName,
    hint: facts.hint,
    isSuperseded: facts.secretExpiresAt !== null,
    permissions,
    keyExpiresAt,
    expiresAt: earlier(keyExpiresAt, facts.secretExpiresAt),
    ...userMembers(facts.user),
    ...resolveAccess(memberships, granted, { isStrong: true, denying }),
  })
}

/**
 * Resolves a token's principal from the rows of its grant, user and client, or why it is refused.
 *
 * A first-party client has the user's permissions. A third-party client has the intersection of the user's permissions, the
 * token's scopes and the grant's scopes, in the organizations of the grant, to which `facts` is limited, that allow the client.
 */
export function resolveToken(facts: TokenFacts | undefined, claims: TokenClaims): Answer {
  if (!facts) return denyCredential('token', 'unknown')
  if (facts.isGrantRevoked) return denyCredential('token', 'grant-revoked')
  if (facts.user.isDisabled) return denyCredential('token', 'user-disabled')
  if (!facts.isSignInAllowed) return denyCredential('token', 'other-sign-in-required')

  const scopes = facts.firstParty ? claims.scopes : claims.scopes.filter((scope) => facts.grantScopes.includes(scope))
  return Object.freeze({
    kind: 'token',
    clientId: facts.clientId,
    firstParty: facts.firstParty,
    chosenLanguage: facts.chosenLanguage,
    timeZone: facts.timeZone,
    grantId: facts.grantId,
    tokenId: claims.tokenId,
    signingKeyId: claims.kid,
    scopes: new Set(scopes),
    confirmation: claims.confirmation,
    grantExpiresAt: facts.grantExpiresAt,
    expiresAt: Math.min(claims.expiresAt, facts.grantExpiresAt),
    ...userMembers(facts.user),
    signIn: claims.signIn,
    ...resolveAccess(facts.memberships, facts.firstParty ? ALL_PERMISSIONS : parsePermissions(scopes), {
      // It requires no recent sign-in, so the time does not matter.
      isStrong: satisfiesSignIn(claims.signIn, SECOND_FACTOR, 0),
    }),
  })
}

const userMembers = (user: UserFacts) => ({
  userId: user.id,
  userName: user.name,
  email: user.email,
  emailVerified: user.emailVerified,
  userCreatedAt: user.createdAt,
  userUpdatedAt: user.updatedAt,
})

/**
 * Returns the user's permissions in each organization, limited to those that the credential was `granted`. There are none
 * where a second factor is required and the credential is not `isStrong`. An organization that denies the app is absent:
 * the credential does not have access to it, and names nothing of it.
 */
function resolveAccess(
  memberships: readonly MembershipFacts[],
  granted: PermissionSet,
  { isStrong, denying = [] }: { readonly isStrong: boolean; readonly denying?: readonly OrganizationId[] },
) {
  const access = new Map<OrganizationId, OrganizationAccess>()
  const denyingOrganizations = new Set<OrganizationId>()
  for (const membership of memberships) {
    const { organizationId, role } = membership
    if (membership.isAppDenied || denying.includes(organizationId)) {
      denyingOrganizations.add(organizationId)
      continue
    }
    const needsSecondFactor = membership.requiresSecondFactor && !isStrong
    access.set(
      organizationId,
      Object.freeze({
        organizationId,
        permissions: needsSecondFactor ? NO_PERMISSIONS : intersect(granted, permissionsOf(membership)),
        role,
        suspension: membership.isSuspended
          ? { reason: membership.suspensionReason, until: membership.suspendedUntil }
          : null,
        needsSecondFactor,
      }),
    )
  }
  return { access, denyingOrganizations: denyingOrganizations.size === 0 ? NONE : denyingOrganizations }
}

/** Shared, so that a cached answer takes no more memory. */
const NONE: ReadonlySet<OrganizationId> = new Set()

const permissionsOf = ({ role, permissions }: MembershipFacts): PermissionSet =>
  role === 'owner' ? ALL_PERMISSIONS : parsePermissions(permissions)

const earlier = (left: number | null, right: number | null): number | null =>
  left === null ? right : right === null ? left : Math.min(left, right)
