import { organizationRequired } from '@daytona-auth/protocol/organization-header'
import { PROOF_ALGORITHMS } from '@daytona-auth/protocol/token-proof'

/** An error response to send. */
export interface Denial {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly statusCode: number; readonly message: string; readonly error: string }
}

/** Kind of the presented credential. The response reveals no other reason. */
export type CredentialKind = 'none' | 'api-key' | 'access-token'

/** Creates the denials of a resource server. `resourceMetadataUrl` is the URL of its RFC 9728 document. */
export function createDenials(resourceMetadataUrl: string | undefined) {
  const ofScheme = (scheme: 'Bearer' | 'DPoP', parameters: readonly string[]) => {
    const all = resourceMetadataUrl ? [...parameters, `resource_metadata="${resourceMetadataUrl}"`] : parameters
    return { 'www-authenticate': all.length > 0 ? `${scheme} ${all.join(', ')}` : scheme }
  }
  const challenge = (...parameters: string[]) => ofScheme('Bearer', parameters)
  const dpopChallenge = (error: string) => ofScheme('DPoP', [error, `algs="${PROOF_ALGORITHMS.join(' ')}"`])
  return {
    /** RFC 6750 section 3: `error` is present only if there was a credential. */
    unauthorized: (kind: CredentialKind): Denial =>
      denial(
        401,
        kind === 'access-token' ? 'Invalid or expired token' : 'Invalid or expired API key',
        kind === 'none' ? challenge() : challenge('error="invalid_token"'),
      ),

    /** RFC 9449 section 7.1: the proof is absent or not valid, or the token is bound to a key and was sent without one. */
    unproven: (error: 'invalid_dpop_proof' | 'invalid_token'): Denial =>
      denial(401, 'Invalid or expired token', dpopChallenge(`error="${error}"`)),

    /** RFC 6750 section 3.1: names the missing permissions, so that a client can request them. */
    insufficientScope: (missing: readonly string[]): Denial =>
      denial(403, 'Insufficient permissions', challenge('error="insufficient_scope"', `scope="${missing.join(' ')}"`)),

    /** The organization is not within access; it may not exist. */
    foreignOrganization: (): Denial => denial(403, 'Insufficient permissions'),

    /** Several organizations are within access and the request names none, or none is within access. */
    ambiguousOrganization: (count: number): Denial =>
      count === 0 ? denial(403, 'Insufficient permissions') : denial(400, organizationRequired(count)),

    /** The provider did not decide, so the credential may be valid. */
    undecided: ({ statusCode, retryAfterSeconds }: { statusCode: 429 | 503; retryAfterSeconds: number }): Denial =>
      denial(statusCode, statusCode === 429 ? 'Rate limit exceeded' : 'Service unavailable', {
        'retry-after': String(retryAfterSeconds),
      }),
  }
}

export type Denials = ReturnType<typeof createDenials>

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

const denial = (statusCode: number, error: string, headers: Record<string, string> = {}): Denial => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: { statusCode, message: PHRASES[statusCode] ?? '', error },
})
