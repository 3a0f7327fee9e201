import type { Permission } from '../schemas.ts'

/** Where a credential works, and what may be done with it there now. */
export interface OrganizationAccess {
  readonly id: string
  readonly permissions: readonly string[]
  /** By the platform's operator: writing resources is to be refused there. */
  readonly suspended: boolean
}

interface Anybody {
  /** The user behind the credential: `usr_…`. */
  readonly userId: string
  /**
   * The organization that the request is about. `undefined` where the route asks for none and the credential reaches
   * several, and for a token that was verified offline: it does not say where it works.
   */
  readonly organization: OrganizationAccess | undefined
  /** Milliseconds since the epoch; `undefined` for a key without an end. */
  readonly expiresAt: number | undefined
}

export interface ApiKeyPrincipal extends Anybody {
  readonly kind: 'api-key'
  readonly apiKeyId: string
}

export interface TokenPrincipal extends Anybody {
  readonly kind: 'access-token'
  /** The app that the token was issued to. */
  readonly clientId: string
  readonly tokenId: string
  /** What was agreed to; of the permissions among them, introspection leaves those that the user holds. */
  readonly scopes: ReadonlySet<string>
}

/** Who asks. */
export type Principal = ApiKeyPrincipal | TokenPrincipal

/** `admin:organization` includes every other one; nothing else includes anything. */
export const permits = (held: Iterable<string>, required: Permission): boolean => {
  for (const name of held) if (name === required || name === 'admin:organization') return true
  return false
}
