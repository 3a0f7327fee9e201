import type { ApiKeyFacts, GrantId, MembershipFacts, OrganizationId, TokenFacts, UserFacts } from '@daytona-auth/db'
import { ALL_PERMISSIONS, intersect, type PermissionSet, parsePermissions } from './permission.ts'
import type { KnownKey, OrganizationAccess } from './principal.ts'
import { type Answer, refused } from './result.ts'

/** What a token says, its signature and its form verified. Instants are milliseconds since the epoch. */
export interface TokenClaims {
  readonly tokenId: string
  readonly grantId: GrantId
  readonly userId: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly expiresAt: number
  readonly kid: string
}

/**
 * Resolves a key's principal from its database row.
 *
 * It may do what it was given **and** its owner holds now **and** everything that it descends from has now, where the
 * owner is a member now. Expiry of the key, its parents and a superseded secret is left to the caller, who compares
 * `expiresAt` on each request.
 */
export function apiKeyAnswer(facts: ApiKeyFacts): Answer {
  const known: KnownKey = {
    keyId: facts.keyId,
    homeOrganizationId: facts.homeOrganizationId,
    secretDigest: facts.digest,
  }
  if (facts.status !== 'active') return refused('api-key', facts.status, { key: known })
  if (facts.user.isDisabled) return refused('api-key', 'user-disabled', { key: known })

  const permissions = parsePermissions(facts.permissions)
  let given = permissions
  let { keyExpiresAt, memberships } = facts
  for (const parent of facts.parents) {
    if (parent.isEnded) return refused('api-key', 'revoked', { key: known })
    const { organizationIds } = parent
    if (parent.permissions) given = intersect(given, parsePermissions(parent.permissions))
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
    ...person(facts.user),
    access: accessMap(memberships, given),
  })
}

/**
 * What a token is worth by what the database says of its grant, user and client.
 *
 * A first-party client acts with the user's permissions. A third-party one may do what the user holds **and** the
 * token's scopes **and** the grant's name, in the organizations of the grant (which `facts` is limited to).
 */
export function tokenAnswer(facts: TokenFacts | undefined, claims: TokenClaims): Answer {
  if (!facts) return refused('token', 'unknown')
  if (facts.isGrantRevoked) return refused('token', 'grant-revoked')
  if (facts.user.isDisabled) return refused('token', 'user-disabled')

  const scopes = facts.firstParty ? claims.scopes : claims.scopes.filter((scope) => facts.grantScopes.includes(scope))
  return Object.freeze({
    kind: 'token',
    clientId: facts.clientId,
    firstParty: facts.firstParty,
    grantId: facts.grantId,
    tokenId: claims.tokenId,
    signingKeyId: claims.kid,
    scopes: new Set(scopes),
    grantExpiresAt: facts.grantExpiresAt,
    expiresAt: Math.min(claims.expiresAt, facts.grantExpiresAt),
    ...person(facts.user),
    access: accessMap(facts.memberships, facts.firstParty ? ALL_PERMISSIONS : parsePermissions(scopes)),
  })
}

const person = (user: UserFacts) => ({
  userId: user.id,
  userName: user.name,
  email: user.email,
  emailVerified: user.emailVerified,
  userCreatedAt: user.createdAt,
  userUpdatedAt: user.updatedAt,
})

/** What the user holds in each organization, cut to what the credential was `given`. */
function accessMap(memberships: readonly MembershipFacts[], given: PermissionSet) {
  return new Map<OrganizationId, OrganizationAccess>(
    memberships.map((membership) => [
      membership.organizationId,
      Object.freeze({
        organizationId: membership.organizationId,
        permissions: intersect(given, held(membership)),
        role: membership.role,
        suspension: membership.isSuspended
          ? { reason: membership.suspensionReason, until: membership.suspendedUntil }
          : null,
      }),
    ]),
  )
}

const held = ({ role, permissions }: MembershipFacts): PermissionSet =>
  role === 'owner' ? ALL_PERMISSIONS : parsePermissions(permissions)

const earlier = (left: number | null, right: number | null): number | null =>
  left === null ? right : right === null ? left : Math.min(left, right)
