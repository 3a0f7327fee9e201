import { ADMINISTRATION } from '@daytona-auth/protocol/scopes'
import type { Permission } from '../schemas.ts'

/** An organization within a credential's access, with its effective permissions there. */
export interface OrganizationAccess {
  readonly id: string
  readonly permissions: readonly string[]
  /** Suspended by the platform's operator: refuse writes of resources. */
  readonly suspended: boolean
}

interface CommonPrincipal {
  /** The user behind the credential: `usr_…`. */
  readonly userId: string
  /**
   * The organization of the request. `undefined` if the route requires none and the credential has access to several, and
   * for a token that was verified offline, which does not name organizations.
   */
  readonly organization: OrganizationAccess | undefined
  /** Milliseconds since the epoch; `undefined` for a key without expiry. */
  readonly expiresAt: number | undefined
}

export interface ApiKeyPrincipal extends CommonPrincipal {
  readonly kind: 'api-key'
  readonly apiKeyId: string
}

export interface TokenPrincipal extends CommonPrincipal {
  readonly kind: 'access-token'
  /** The app that the token was issued to. */
  readonly clientId: string
  readonly tokenId: string
  /** Consented scopes. Introspection keeps only the permissions that the user holds. */
  readonly scopes: ReadonlySet<string>
}

/** The verified caller. */
export type Principal = ApiKeyPrincipal | TokenPrincipal

/** Returns whether held permissions include the required one. `admin:organization` includes all others. */
export const permits = (held: Iterable<string>, required: Permission): boolean => {
  for (const name of held) if (name === required || name === ADMINISTRATION) return true
  return false
}
