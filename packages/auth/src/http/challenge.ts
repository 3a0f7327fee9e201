import type { Permission } from '@daytona-auth/protocol/scopes'
import { PROOF_ALGORITHMS } from '@daytona-auth/protocol/token-proof'
import { badRequest, type Denial, forbidden, tooManyRequests, unauthorized, unavailable } from '@daytona-auth/service'
import type { Suspension } from '../principal/principal.ts'
import type { CredentialDenial } from '../principal/result.ts'

/**
 * Makes the response to a refused credential. `scope` is what the route requires (RFC 6750 section 3), separated by spaces.
 * Requests with the same reason and scope share one response.
 */
export type Challenge = (denied: CredentialDenial, scope?: string) => Denial

/**
 * Makes the responses to refused credentials (RFC 6750 section 3, RFC 9728 section 5.1). A response names the kind of the
 * credential, what is wrong with its form, and the scope that the route requires. It never depends on whether a credential
 * exists. `error` is in the header only if there was a credential. If a token is bound to a key, the challenge is that of
 * RFC 9449 section 7.1.
 */
export function challenges(resourceMetadataUrl: string): Challenge {
  // Nested maps with existing strings as keys: building a joined key costs more than the look-up.
  const withoutScope: Responses = new Map()
  const byScope = new Map<string, Responses>()

  function make(
    { statusCode, credential, reason, description, retryAfterSeconds }: CredentialDenial,
    scope: string | undefined,
  ): Denial {
    if (statusCode === 429) return tooManyRequests(reason, retryAfterSeconds ?? 1)
    if (statusCode === 503) return unavailable(reason, retryAfterSeconds ?? 1)
    const isAboutProof = reason === 'proof' || reason === 'binding'
    const error = reason === 'proof' ? 'invalid_dpop_proof' : 'invalid_token'
    const parameters = [
      ...(credential === 'none' ? [] : [`error="${error}"`]),
      ...(isAboutProof ? [`algs="${PROOF_ALGORITHMS.join(' ')}"`] : []),
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      `resource_metadata="${resourceMetadataUrl}"`,
      ...(description === null ? [] : [`error_description="${description}"`]),
    ]
    return unauthorized(reason, {
      error: ERRORS[credential],
      headers: { 'www-authenticate': `${isAboutProof ? 'DPoP' : 'Bearer'} ${parameters.join(', ')}` },
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
    const { credential, reason, description } = denied
    const responses = responsesFor(scope)
    const known = responses.get(credential)?.get(reason)?.get(description)
    if (known) return known
    const denial = make(denied, scope)
    const byReason = responses.get(credential) ?? new Map()
    const byDescription = byReason.get(reason) ?? new Map()
    responses.set(credential, byReason.set(reason, byDescription.set(description, denial)))
    return denial
  }
}

/** The published texts of a 401, by the form of the credential. */
const ERRORS: Readonly<Record<CredentialDenial['credential'], string>> = {
  none: 'Invalid or expired API key',
  'api-key': 'Invalid or expired API key',
  token: 'Invalid or expired token',
  other: 'Invalid or expired API key',
}

type Responses = Map<
  CredentialDenial['credential'],
  Map<CredentialDenial['reason'], Map<CredentialDenial['description'], Denial>>
>

/** 403 that names the missing permissions (RFC 6750 section 3.1), so that a client can request them. */
export function insufficientScope(...missing: readonly Permission[]): Denial {
  const scope = missing.join(' ')
  const known = INSUFFICIENT.get(scope)
  if (known) return known
  const what = missing.length > 1 ? 'permissions' : 'permission'
  const denial = forbidden(`The credential lacks the ${what} ${missing.join(', ')}`, { scope, cause: `lacks ${scope}` })
  INSUFFICIENT.set(scope, denial)
  return denial
}

/** By the scope: there are no more than sets of permissions. */
const INSUFFICIENT = new Map<string, Denial>()

const RATE_LIMITED: Denial[] = []

/** 429 for a credential over its rate limit. One object per `Retry-After` is shared. */
export function rateLimited(secondsLeft: number): Denial {
  RATE_LIMITED[secondsLeft] ??= tooManyRequests('rate-limited', secondsLeft)
  return RATE_LIMITED[secondsLeft]
}

/** 429 for a credential with as many management writes in progress as it may have. */
export const TOO_MANY_WRITES: Denial = tooManyRequests('too many writes of this credential are under way', 1)

/** The unknown name is caller input and is not repeated. */
export const UNKNOWN_PERMISSION: Denial = forbidden('The request names a permission that does not exist')

/** A superseded secret reads and uses resources until its grace period ends; it may not manage anything. */
export const SUPERSEDED_SECRET: Denial = forbidden(
  'The API key was rotated, and its earlier secret cannot change this. Use the new secret',
)

export const NOT_A_PERSON: Denial = forbidden(
  'This needs a signed-in person: sign in to the dashboard or the CLI. No API key or app is sufficient',
)

/** The organization of the request denies the app of the credential, by a decision or its policy. */
export const APP_NOT_ALLOWED: Denial = forbidden(
  'The organization has not approved this app, or blocks it: ask an owner of the organization',
  { code: 'app_not_allowed', error: 'The organization does not allow this app' },
)

export const suspended = ({ reason }: Suspension): Denial =>
  forbidden('The organization is suspended', {
    code: 'organization_suspended',
    error: `Organization is suspended${reason === null ? '' : `: ${reason}`}`,
  })

/** `name` is one of `MISPLACED`; its value is neither read nor repeated. */
export const misplaced = (name: string, part: 'query' | 'body'): Denial =>
  badRequest(
    `Credentials belong in the Authorization header: remove ${name} from the ${part}`,
    undefined,
    'credential_misplaced',
  )
