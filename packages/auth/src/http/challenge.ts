import { badRequest, forbidden, Refusal, tooManyRequests, unauthorized, unavailable } from '@daytona-auth/service'
import type { Permission } from '../principal/permission.ts'
import type { Suspension } from '../principal/principal.ts'
import type { Refused } from '../principal/result.ts'
import { type NotSelected, ORGANIZATION_HEADER } from './organization.ts'

/**
 * How a refused credential is answered. `scope` is what the route requires (RFC 6750 section 3), separated by spaces. One
 * answer serves all requests that are refused for the same reason where the same permission is required.
 */
export type Challenge = (refused: Refused, scope?: string) => Refusal

/**
 * Makes the answers to refused credentials (RFC 6750 section 3, RFC 9728 section 5.1). The caller reads which kind of
 * credential it was and which scope the route requires, and never why it was refused; `error` stands in the header only if
 * there was a credential.
 */
export function challenges(resourceMetadataUrl: string): Challenge {
  // By three names that are there already: a text put together for a look-up costs more than the look-up.
  const withoutScope: Answers = new Map()
  const byScope = new Map<string, Answers>()

  function make({ statusCode, credential, reason, retryAfterSeconds }: Refused, scope: string | undefined): Refusal {
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

  function answersFor(scope: string | undefined): Answers {
    if (scope === undefined) return withoutScope
    const known = byScope.get(scope)
    if (known) return known
    const answers: Answers = new Map()
    byScope.set(scope, answers)
    return answers
  }

  return (refused, scope) => {
    const { credential, reason } = refused
    const answers = answersFor(scope)
    const known = answers.get(credential)?.get(reason)
    if (known) return known
    const refusal = make(refused, scope)
    answers.set(credential, (answers.get(credential) ?? new Map()).set(reason, refusal))
    return refusal
  }
}

type Answers = Map<Refused['credential'], Map<Refused['reason'], Refusal>>

/** 403 that names what is missing (RFC 6750 section 3.1), so that a client can ask for it. */
export const insufficientScope = (permission: Permission): Refusal =>
  forbidden(`lacks ${permission}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${permission}"` },
  })

const RATE_LIMITED: Refusal[] = []

/** 429 for a credential that has used up its minute. One answer serves all who have as long to wait. */
export function rateLimited(secondsLeft: number): Refusal {
  RATE_LIMITED[secondsLeft] ??= tooManyRequests('rate-limited', secondsLeft)
  return RATE_LIMITED[secondsLeft]
}

/** 429 for a credential with as many management writes under way as it may have. */
export const TOO_MANY_WRITES: Refusal = tooManyRequests('too many writes of this credential are under way', 1)

/** The name is the caller's, and not repeated. */
export const UNKNOWN_PERMISSION: Refusal = forbidden('unknown permission')

/** A secret that was rotated out reads and uses until its grace ends; it manages nothing. */
export const SUPERSEDED_SECRET: Refusal = forbidden('a superseded secret cannot change anything that is managed')

export const NOT_A_PERSON: Refusal = forbidden('not a first-party user token')

export const suspended = ({ reason }: Suspension): Refusal =>
  forbidden('suspended', {
    code: 'organization_suspended',
    error: `Organization is suspended${reason === null ? '' : `: ${reason}`}`,
  })

export const notSelected = ({ statusCode, code, error }: NotSelected): Refusal =>
  new Refusal(statusCode, error, { code, cause: ORGANIZATION_HEADER })

/** The name is one of ours; the value is neither looked at nor repeated. */
export const misplaced = (name: string, part: 'query' | 'body'): Refusal =>
  badRequest(
    `Credentials belong in the Authorization header: remove ${name} from the ${part}`,
    undefined,
    'credential_misplaced',
  )
