/** A "no", as it is to be sent. */
export interface Refusal {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly statusCode: number; readonly message: string; readonly error: string }
}

/** What was presented, as far as it can be told: the caller of a 401 learns no more of why. */
export type CredentialKind = 'none' | 'api-key' | 'access-token'

/** Makes the refusals of one resource server: `resourceMetadataUrl` is that of its RFC 9728 document, if it has one. */
export function refusals(resourceMetadataUrl: string | undefined) {
  const challenge = (...parameters: string[]) => {
    const all = resourceMetadataUrl ? [...parameters, `resource_metadata="${resourceMetadataUrl}"`] : parameters
    return { 'www-authenticate': all.length > 0 ? `Bearer ${all.join(', ')}` : 'Bearer' }
  }
  return {
    /** RFC 6750 section 3: there is an `error` only where there was a credential. */
    unauthorized: (kind: CredentialKind): Refusal =>
      refusal(
        401,
        kind === 'access-token' ? 'Invalid or expired token' : 'Invalid or expired API key',
        kind === 'none' ? challenge() : challenge('error="invalid_token"'),
      ),

    /** RFC 6750 section 3.1: it names what is missing, so that a client can ask for it. */
    insufficientScope: (missing: readonly string[]): Refusal =>
      refusal(403, 'Insufficient permissions', challenge('error="insufficient_scope"', `scope="${missing.join(' ')}"`)),

    /** An organization that is not within access, whether or not there is one. */
    foreignOrganization: (): Refusal => refusal(403, 'Insufficient permissions'),

    /** Several are within access and none was named; or there is none. */
    unclearOrganization: (count: number): Refusal =>
      count === 0
        ? refusal(403, 'Insufficient permissions')
        : refusal(
            400,
            `X-Daytona-Organization-ID header is required: this credential has access to ${count} organizations`,
          ),

    /** The provider would not, or could not, say: that is no fault of the credential. */
    undecided: ({ statusCode, retryAfterSeconds }: { statusCode: 429 | 503; retryAfterSeconds: number }): Refusal =>
      refusal(statusCode, statusCode === 429 ? 'Rate limit exceeded' : 'Service unavailable', {
        'retry-after': String(retryAfterSeconds),
      }),
  }
}

export type Refusals = ReturnType<typeof refusals>

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

const refusal = (statusCode: number, error: string, headers: Record<string, string> = {}): Refusal => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: { statusCode, message: PHRASES[statusCode] ?? '', error },
})
