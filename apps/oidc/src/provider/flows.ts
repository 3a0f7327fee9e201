import type { Configuration } from 'oidc-provider'
import type { AttemptLimit } from '../limits/attempt-limit.ts'
import type { Middleware } from './middleware.ts'
import type { GrantRevocation } from './storage/grant-revocation.ts'

type Features = NonNullable<Configuration['features']>

/** The device flow (RFC 8628): the library's configuration, and the parts that it lacks. */
export interface DeviceFlow {
  /** Allows one poll in each interval. Each process counts separately, because the database decides races. */
  readonly polls: AttemptLimit
  readonly feature: NonNullable<Features['deviceFlow']>
  readonly middleware: Middleware
}

/** The sign-out flow (RP-Initiated Logout): the library's configuration, and the parts that it lacks. */
export interface SignOutFlow {
  readonly feature: NonNullable<Features['rpInitiatedLogout']>
  /** Creates the middleware of a provider, from the outermost. `grants` ends what was issued. */
  middleware(grants: GrantRevocation): readonly Middleware[]
}

/**
 * The flows that oidc-provider itself serves. Each is created once: its counters outlive the provider, which a key
 * rotation replaces.
 */
export interface ProviderFlows {
  readonly device: DeviceFlow
  readonly signOut: SignOutFlow
}
