import type { OrganizationId } from '@daytona-auth/db/core'
import type { IdentitySession, UpstreamLogout } from '@daytona-auth/db/users'
import type { Amr } from '@daytona-auth/protocol/authentication-context'

/** What an authorization request to an upstream provider depends on. */
export interface UpstreamRequest {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly loginHint: string
  /** `login`: the person must authenticate again. `select_account`: the person must be able to choose another account. */
  readonly prompt?: 'login' | 'select_account' | undefined
  /** In seconds, how long ago the person may have authenticated. */
  readonly maxAge: number
}

/** The person that an upstream provider has signed in. */
export interface UpstreamPerson {
  readonly issuer: string
  /** The person's identifier, unique at the issuer and never reassigned. */
  readonly subject: string
  /** Only an address that the provider has verified. */
  readonly email: string | undefined
  readonly name: string | undefined
  /** When the person authenticated, in seconds since the epoch; undefined if the provider does not say so. */
  readonly authTime: number | undefined
  /** The methods of a sign-in with several factors, if the provider states it and the operator trusts that. */
  readonly trustedMethods: readonly Amr[] | undefined
  /** The organization whose provider it is: its statements count for addresses in its verified domains only. */
  readonly organizationId?: OrganizationId | undefined
  /** The groups of the person there, if the provider's organization gives roles to groups. */
  readonly groups?: PersonGroups | undefined
  /** The session there, for the logout tokens of a provider that sends them. */
  readonly session?: IdentitySession | undefined
}

/** The groups of a person. `problem`: why there are none, for the log. */
export interface PersonGroups {
  readonly names: readonly string[]
  readonly problem?: string | undefined
}

/** A provider upstream of this one, such as a company's or GitHub. */
export interface Upstream {
  /** Its part of our URLs. */
  readonly name: string
  readonly label: string
  readonly issuer: string
  /** The organization whose provider it is; undefined for one of the deployment. */
  readonly organizationId?: OrganizationId | undefined
  /** Whether it can state when the person authenticated. */
  readonly statesAuthTime: boolean
  /** Whether the operator trusts what it states about several factors. */
  readonly trustsMfa: boolean
  /** Builds the URL of an authorization request. @throws UpstreamError */
  authorizationUrl(request: UpstreamRequest): Promise<URL>
  /** Checks an authorization response and exchanges its code. `response` is its parameters. @throws UpstreamError */
  identify(
    response: URLSearchParams,
    expected: Pick<UpstreamRequest, 'redirectUri' | 'state' | 'nonce' | 'codeVerifier'>,
  ): Promise<UpstreamPerson>
  /**
   * Builds the URL at which the provider signs the browser out (RP-Initiated Logout §2), and returns it to `returnUri`. Undefined
   * if it has no such endpoint; absent if the operator has not chosen it. @throws UpstreamError
   */
  signOutUrl?(request: { readonly returnUri: string; readonly state: string }): Promise<URL | undefined>
  /**
   * Validates a logout token (OpenID Connect Back-Channel Logout §2.6), except whether it was used before. Absent for a
   * provider that sends none. @throws UpstreamError
   */
  readLogoutToken?(token: string): Promise<UpstreamLogout>
}

/**
 * Why a person was not signed in. `cancelled`: by the person. `refused`: by the provider. `invalid`: what it answered is not
 * acceptable. `unavailable`: it did not answer.
 */
export type UpstreamFailure = 'cancelled' | 'refused' | 'invalid' | 'unavailable'

/** Thrown if an upstream provider did not sign a person in. The message is for the log and has no value of the exchange. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly failure: UpstreamFailure

  constructor(failure: UpstreamFailure, reason: string) {
    super(reason)
    this.failure = failure
  }
}
