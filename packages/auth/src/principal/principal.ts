import type { ApiKeyId, GrantId, OrganizationId, UserId } from '@daytona-auth/db'
import type { PermissionSet } from './permission.ts'

/** Who a request is from, as the database had it when it was last heard of. One type for both kinds of credential. */
export type Principal = ApiKeyPrincipal | TokenPrincipal

interface PrincipalBase {
  readonly userId: UserId
  readonly userName: string
  readonly email: string
  readonly emailVerified: boolean
  /** Milliseconds since the epoch, as the next one. */
  readonly userCreatedAt: number
  /** When the name or the address of the user was last changed. */
  readonly userUpdatedAt: number
  /** When the credential ends, in milliseconds since the epoch. Compared on every request: a cached one ends too. */
  readonly expiresAt: number | null
  /** What the credential reaches at this moment, by organization. An organization that is not in it does not exist for the caller. */
  readonly access: ReadonlyMap<OrganizationId, OrganizationAccess>
}

/** What a credential may do in one organization. */
export interface OrganizationAccess {
  readonly organizationId: OrganizationId
  /** In effect: what the user holds there, cut to what the credential was given. */
  readonly permissions: PermissionSet
  readonly role: 'owner' | 'member'
  readonly suspension: Suspension | null
}

/** The operator's act on an organization: it refuses resource writes. */
export interface Suspension {
  readonly reason: string | null
  /** Milliseconds since the epoch; null: until further notice. */
  readonly until: number | null
}

export interface ApiKeyPrincipal extends PrincipalBase, KnownKey {
  readonly kind: 'api-key'
  readonly keyName: string
  /** Of the secret that was presented; a key has two while a rotation's grace lasts. */
  readonly hint: string
  /** Whether the presented secret was rotated out: it ends with its grace, and manages nothing until then. */
  readonly isSuperseded: boolean
  /** The key's own, as chosen at its creation: what is in effect stands in `access`. */
  readonly permissions: PermissionSet
  /** When the key ends, whatever becomes of the presented secret: what it creates must not outlive this. */
  readonly keyExpiresAt: number | null
}

/** A key that exists, good or not: what usage and refusals are counted by. */
export interface KnownKey {
  readonly keyId: ApiKeyId
  readonly homeOrganizationId: OrganizationId
  /** SHA-256 of the presented secret, which is its primary key. */
  readonly secretDigest: Uint8Array
}

export interface TokenPrincipal extends PrincipalBase {
  readonly kind: 'token'
  readonly clientId: string
  /** Our own dashboard or CLI: it acts as the user, and is the only one that speaks for a person. */
  readonly firstParty: boolean
  readonly grantId: GrantId
  readonly tokenId: string
  /** The `kid` of the key that signed the token. */
  readonly signingKeyId: string
  /** Those of the token that its grant still has. */
  readonly scopes: ReadonlySet<string>
  /** When the grant ends: a key made with this token must not outlive it. */
  readonly grantExpiresAt: number
}

/** Whether a person acts: someone signed in to our own dashboard or CLI. A key never is one. */
export const isPerson = (principal: Principal): principal is TokenPrincipal =>
  principal.kind === 'token' && principal.firstParty

/** Whether the credential has ended. It has at the very millisecond of `expiresAt` (RFC 7519 section 4.1.4: "on or after"). */
export const isExpired = ({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean =>
  expiresAt !== null && now >= expiresAt

/** The suspension in force at `now`, if any. */
export const suspensionAt = ({ suspension }: OrganizationAccess, now: number): Suspension | null =>
  suspension !== null && (suspension.until === null || now < suspension.until) ? suspension : null
