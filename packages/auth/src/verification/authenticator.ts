import type { Principal } from '../principal/principal.ts'
import type { Found } from './cache.ts'
import type { Reader } from './database-reader.ts'
import type { TokenKeys } from './token-keys.ts'

/** What authenticators verify with. */
export interface AuthenticatorTools {
  readonly reader: Reader
  /** The public keys of our access tokens. */
  readonly keys: TokenKeys
}

/** Verifies one form of credential. */
export interface Authenticator {
  /** The kind of principal that it yields. Its denials have the same kind, which decides which 401 body is sent. */
  readonly kind: Principal['kind']
  /** Whether a text is meant as this form of credential, well-formed or not. */
  recognizes(credential: string): boolean
  /** Whether a text of this form may be looked up. */
  isWellFormed(credential: string): boolean
  /**
   * Whether a text is of this form and malformed, as far as that takes less time than its digest. It is called on warm
   * requests too. Omitted where nothing is found that fast.
   */
  rejectsEarly?(credential: string): boolean
  /**
   * Verifies a credential, by its signature and its rows in the database. Called with a permit of the requester, because
   * signatures take time as well.
   */
  find(credential: string, digest: string): Promise<Found>
}
