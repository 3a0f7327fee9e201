import { badRequest, Denial, forbidden, tooManyRequests, unauthorized, unavailable } from '@daytona-auth/service'
import type { Permission } from '../principal/permission.ts'
import type { Suspension } from '../principal/principal.ts'
import type { CredentialDenial } from '../principal/result.ts'
import { type NotSelected, ORGANIZATION_HEADER } from './organization.ts'

/**
 * Makes the response to a refused credential. `scope` is what the route requires (RFC 6750 section 3), separated by spaces.
 * Requests with the same reason and scope share one response.
 */
export type Challenge = (denied: CredentialDenial, scope?: string) => Denial

/**
 * Makes the responses to refused credentials (RFC 6750 section 3, RFC 9728 section 5.1). A response names the kind of the
 * credential and the scope that the route requires, and never the reason. `error` is in the header only if there was a
 * credential.
 */
export function challenges(resourceMetadataUrl: string): Challenge {
  // Nested maps with existing strings as keys: building a joined key costs more than the look-up.
  const withoutScope: Responses = new Map()
  const byScope = new Map<string, Responses>()

  function make(
    { statusCode, credential, reason, retryAfterSeconds }: CredentialDenial,
    scope: string | undefined,
  ): Denial {
    if (statusCode === 429) return tooManyRequests(reason, retryAfterSeconds ?? 1)
    if (statusCode === 503) return unavailable(reason, retryAfterSeconds ?? 1)
    const parameters = [
      ...(credential === 'none' ? [] : ['error="invalid_token"']),
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      `resource_metadata="${resourceMetadataUrl}"`,
    ]
    return unauthorized(reason, {
      error: credential === 'token' ? 'Invalid or expired token' : 'Invalid or expired API key',
      headers: { 'www-authenticate': `Bearer ${parameters.join(', ')}` },
    })
  }

  function responsesFor(scope: string | undefined): Responses {
    if (scope === undefined) return withoutScope
    const known = byScope.get(scope)
    if (known) return known
    const responses: Responses = new Map()
    byScope.set(scope, responses)
    return responses
  }

  return (denied, scope) => {
    const { credential, reason } = denied
    const responses = responsesFor(scope)
    const known = responses.get(credential)?.get(reason)
    if (known) return known
    const denial = make(denied, scope)
    responses.set(credential, (responses.get(credential) ?? new Map()).set(reason, denial))
    return denial
  }
}

type Responses = Map<CredentialDenial['credential'], Map<CredentialDenial['reason'], Denial>>

/** 403 that names the missing permission (RFC 6750 section 3.1), so that a client can request it. */
export const insufficientScope = (permission: Permission): Denial =>
  forbidden(`lacks ${permission}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${permission}"` },
  })

const RATE_LIMITED: Denial[] = []

/** 429 for a credential over its rate limit. One object per `Retry-After` is shared. */
export function rateLimited(secondsLeft: number): Denial {
  RATE_LIMITED[secondsLeft] ??= tooManyRequests('rate-limited', secondsLeft)
  return RATE_LIMITED[secondsLeft]
}

/** 429 for a credential with as many management writes in progress as it may have. */
export const TOO_MANY_WRITES: Denial = tooManyRequests('too many writes of this credential are under way', 1)

/** The unknown name is caller input and is not repeated. */
export const UNKNOWN_PERMISSION: Denial = forbidden('unknown permission')

/** A superseded secret reads and uses resources until its grace period ends; it may not manage anything. */
export const SUPERSEDED_SECRET: Denial = forbidden('a superseded secret cannot change anything that is managed')

export const NOT_A_PERSON: Denial = forbidden('not a first-party user token')

export const suspended = ({ reason }: Suspension): Denial =>
  forbidden('suspended', {
    code: 'organization_suspended',
    error: `Organization is suspended${reason === null ? '' : `: ${reason}`}`,
  })

export const notSelected = ({ statusCode, code, error }: NotSelected): Denial =>
  new Denial(statusCode, error, { code, cause: ORGANIZATION_HEADER })

/** `name` is one of `MISPLACED`; its value is neither read nor repeated. */
export const misplaced = (name: string, part: 'query' | 'body'): Denial =>
  badRequest(
    `Credentials belong in the Authorization header: remove ${name} from the ${part}`,
    undefined,
    'credential_misplaced',
  )
