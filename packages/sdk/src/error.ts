/** An invalid member of the request: `path` is dotted (`permissions.0`), or names the part (`body`). */
export interface ErrorDetail {
  readonly path: string
  readonly message: string
}

/** The sign-in that a request needs (RFC 9470): its parameters of an authorization request. */
export interface RequiredSignIn {
  /** `acr_values`: how strong the sign-in must be. */
  readonly acrValues: string | undefined
  /** `max_age`: how many seconds ago it may be. */
  readonly maxAgeSeconds: number | undefined
}

/**
 * An error response of the server. Network failures are not of this class: `fetch` throws a `TypeError`, and a
 * `DOMException` for a request that timed out or was aborted.
 */
export class DaytonaAuthError extends Error {
  override readonly name = 'DaytonaAuthError'
  /** The HTTP status. */
  readonly statusCode: number
  /** The stable error code, such as `api_key_name_taken`; undefined in the response of a proxy. */
  readonly code: string | undefined
  /** What went wrong: `Insufficient permissions`. */
  readonly error: string
  /**
   * Of a 401 or 403: what is wrong with the form of the credential, or why it is not sufficient. A 401 does not reveal whether
   * the credential exists.
   */
  readonly description: string | undefined
  /**
   * On a 401 with the code `insufficient_user_authentication`: the sign-in to repeat. The token is valid, but its user has to
   * sign in again, more strongly or recently, to do this.
   */
  readonly requiredSignIn: RequiredSignIn | undefined
  /** On 400: the invalid members of the request. */
  readonly details: readonly ErrorDetail[]
  /** Identifies the request in the server's log. */
  readonly requestId: string | undefined
  /** Headers of the response: `www-authenticate` names a missing permission, `retry-after` the time to wait. */
  readonly headers: Headers

  /** `body` is untrusted: a body of another form than the published one is not quoted. */
  constructor({ status, headers }: Pick<Response, 'status' | 'headers'>, body: unknown) {
    const { error, details } = parseErrorBody(body) ?? { error: `The server answered ${status}`, details: [] }
    const requestId = headers.get('x-request-id') ?? undefined
    super(requestId === undefined ? `${error} (${status})` : `${error} (${status}, request ${requestId})`)
    this.statusCode = status
    this.code = readErrorCode(headers)
    this.error = error
    this.description = readDescription(headers)
    this.requiredSignIn = readRequiredSignIn({ status, headers })
    this.details = details
    this.requestId = requestId
    this.headers = headers
  }
}

/** Reads the error code of a response. */
export const readErrorCode = (headers: Headers): string | undefined => {
  const code = headers.get('x-error-code')
  // Another server may send anything.
  return code !== null && /^[a-z_]{1,64}$/.test(code) ? code : undefined
}

/** Reads the sign-in that a refused request needs; undefined for any other response. */
export function readRequiredSignIn({
  status,
  headers,
}: Pick<Response, 'status' | 'headers'>): RequiredSignIn | undefined {
  if (status !== 401 || readErrorCode(headers) !== 'insufficient_user_authentication') return undefined
  const challenge = headers.get('www-authenticate') ?? ''
  const [, acrValues] = /(?:^|[ ,])acr_values="([^"\\]{1,200})"/.exec(challenge) ?? []
  const [, maxAge] = /(?:^|[ ,])max_age="(\d{1,9})"/.exec(challenge) ?? []
  return { acrValues, maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge) }
}

/** Reads the `error_description` of the challenge (RFC 6750 section 3). */
function readDescription(headers: Headers): string | undefined {
  // Another server may send anything.
  const [, description] =
    /(?:^|[ ,])error_description="([^"\\]{1,200})"/.exec(headers.get('www-authenticate') ?? '') ?? []
  return description
}

/** Parses the error body of the API; undefined for other bodies. */
export function parseErrorBody(body: unknown): { error: string; details: readonly ErrorDetail[] } | undefined {
  if (!isRecord(body) || typeof body['statusCode'] !== 'number' || typeof body['error'] !== 'string') return undefined
  const details = Array.isArray(body['details']) ? body['details'].filter(isDetail) : []
  return { error: body['error'], details }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isDetail = (value: unknown): value is ErrorDetail =>
  isRecord(value) && typeof value['path'] === 'string' && typeof value['message'] === 'string'
