/** A member of the request that is wrong: `path` is dotted (`permissions.0`), or names the part (`body`). */
export interface ErrorDetail {
  readonly path: string
  readonly message: string
}

/**
 * The server said no. Network failures are not of this class: `fetch` throws its own `TypeError`, and a `DOMException`
 * for a request that took too long or was aborted.
 */
export class DaytonaAuthError extends Error {
  override readonly name = 'DaytonaAuthError'
  /** The HTTP status. */
  readonly statusCode: number
  /** The cause for programs, such as `api_key_name_taken`; undefined where the answer is a proxy's. */
  readonly code: string | undefined
  /** What went wrong: `Insufficient permissions`. */
  readonly error: string
  /** On 400: which members of the request are wrong, and how. */
  readonly details: readonly ErrorDetail[]
  /** By it, the server's operator finds the request in the log. */
  readonly requestId: string | undefined
  /** Of the answer: `www-authenticate` names the permission that is missing, `retry-after` how long to wait. */
  readonly headers: Headers

  /** `body` is whatever came: only the published shape is believed, and nothing else is repeated. */
  constructor({ status, headers }: Pick<Response, 'status' | 'headers'>, body: unknown) {
    const { error, details } = errorBody(body) ?? { error: `The server answered ${status}`, details: [] }
    const requestId = headers.get('x-request-id') ?? undefined
    super(requestId === undefined ? `${error} (${status})` : `${error} (${status}, request ${requestId})`)
    this.statusCode = status
    this.code = errorCodeOf(headers)
    this.error = error
    this.details = details
    this.requestId = requestId
    this.headers = headers
  }
}

/** The error code of an answer of the API. */
export const errorCodeOf = (headers: Headers): string | undefined => {
  const code = headers.get('x-error-code')
  // Of another server it could be anything.
  return code !== null && /^[a-z_]{1,64}$/.test(code) ? code : undefined
}

/** The one error body of the API, if `body` is one. */
export function errorBody(body: unknown): { error: string; details: readonly ErrorDetail[] } | undefined {
  if (!isRecord(body) || typeof body['statusCode'] !== 'number' || typeof body['error'] !== 'string') return undefined
  const details = Array.isArray(body['details']) ? body['details'].filter(isDetail) : []
  return { error: body['error'], details }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isDetail = (value: unknown): value is ErrorDetail =>
  isRecord(value) && typeof value['path'] === 'string' && typeof value['message'] === 'string'
