import type { ApiKeyId, GrantId, OrganizationId, UserId } from '@daytona-auth/db/core'
import type { PermissionSet } from './permission.ts'
import type { SignIn } from './sign-in.ts'

/** The verified caller of a request, by the latest database state that this process has read. Either kind of credential. */
export type Principal = ApiKeyPrincipal | TokenPrincipal

interface PrincipalBase {
  readonly userId: UserId
  readonly userName: string
  readonly email: string
  readonly emailVerified: boolean
  /** Milliseconds since the epoch, as `userUpdatedAt`. */
  readonly userCreatedAt: number
  /** When what apps may see of the user was last changed. */
  readonly userUpdatedAt: number
  /** When the credential expires, in milliseconds since the epoch. Compared on every request, cached or not. */
  readonly expiresAt: number | null
  /** The current access by organization. An organization that is absent here does not exist for the caller. */
  readonly access: ReadonlyMap<OrganizationId, OrganizationAccess>
  /**
   * The organizations that the credential had access to if they did not deny its app, or the one that it was made with. They
   * are absent from `access`; this only says why.
   */
  readonly denyingOrganizations: ReadonlySet<OrganizationId>
}

/** The access of a credential to one organization. */
export interface OrganizationAccess {
  readonly organizationId: OrganizationId
  /** Effective permissions: those of the user there, limited to those of the credential. */
  readonly permissions: PermissionSet
  readonly role: 'owner' | 'member'
  readonly suspension: Suspension | null
  /**
   * Whether the organization requires a second factor, and the sign-in of the token had none. Then it holds no permission
   * there, and every route of the organization asks for a stronger sign-in. Never of an API key.
   */
  readonly needsSecondFactor: boolean
}

/** An operator's suspension of an organization, under which resource writes are denied. */
export interface Suspension {
  readonly reason: string | null
  /** Milliseconds since the epoch; null: no end is set. */
  readonly until: number | null
}

export interface ApiKeyPrincipal extends PrincipalBase, KnownKey {
  readonly kind: 'api-key'
  readonly keyName: string
  /** The hint of the presented secret. A key has two secrets during the grace period of a rotation. */
  readonly hint: string
  /** Whether the presented secret was replaced by a rotation. It expires with its grace period and may manage nothing. */
  readonly isSuperseded: boolean
  /** The key's own permissions, as chosen at its creation. The effective ones are in `access`. */
  readonly permissions: PermissionSet
  /** When the key expires, independent of the presented secret. What it creates must not outlive this. */
  readonly keyExpiresAt: number | null
}

/** An existing key, valid or not. Usage and denials are counted by it. */
export interface KnownKey {
  readonly keyId: ApiKeyId
  readonly homeOrganizationId: OrganizationId
  /** SHA-256 of the presented secret: the primary key of its row. */
  readonly secretDigest: Uint8Array
}

export interface TokenPrincipal extends PrincipalBase {
  readonly kind: 'token'
  readonly clientId: string
  /** Whether the client is our own dashboard or CLI, which alone acts as the user in person. */
  readonly firstParty: boolean
  /** The language and the time zone that the user has chosen for apps; null unless chosen. */
  readonly chosenLanguage: string | null
  readonly timeZone: string | null
  readonly grantId: GrantId
  readonly tokenId: string
  /** The `kid` of the key that signed the token. */
  readonly signingKeyId: string
  /** The scopes of the token that its grant still has. */
  readonly scopes: ReadonlySet<string>
  /** The thumbprint of the key that the token is bound to (RFC 9449 section 6): it is refused without a proof. */
  readonly confirmation: string | null
  /** When the grant expires. A key created with this token must not outlive it. */
  readonly grantExpiresAt: number
  /** How and when the user signed in. */
  readonly signIn: SignIn
}

/** Returns the id that requests of a credential are counted by. It stays the same when the credential changes. */
export const credentialIdOf = (principal: Principal): ApiKeyId | GrantId =>
  principal.kind === 'api-key' ? principal.keyId : principal.grantId

/** Returns the key of a caller, whose usage and denials are counted; null for other credentials. */
export const knownKeyOf = (principal: Principal): KnownKey | null => (principal.kind === 'api-key' ? principal : null)

/** Whether the caller is a person signed in to our own dashboard or CLI. An API key never is. */
export const isPerson = (principal: Principal): principal is TokenPrincipal =>
  principal.kind === 'token' && principal.firstParty

/** Whether the credential has expired: from the millisecond of `expiresAt` (RFC 7519 section 4.1.4: "on or after"). */
export const isExpired = ({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean =>
  expiresAt !== null && now >= expiresAt

/** Returns the suspension in force at `now`, if any. */
export const suspensionAt = ({ suspension }: OrganizationAccess, now: number): Suspension | null =>
  suspension !== null && (suspension.until === null || now < suspension.until) ? suspension : null
