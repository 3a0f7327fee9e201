import { DaytonaAuthError } from './error.ts'
import { type Retries, withRetries } from './retries.ts'
import type { Credential } from './settings.ts'

export interface TransportOptions extends Retries {
  /** The credential of requests; `undefined` sends none. */
  readonly credential: Credential | undefined
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

/** Requests carry no ambient credentials, follow no redirects and are not cached. */
export const REQUEST_DEFAULTS = {
  // A redirect would forward the credential, also within one origin.
  redirect: 'manual',
  credentials: 'omit',
  cache: 'no-store',
  referrerPolicy: 'no-referrer',
} as const

/** Creates a `fetch` that adds the credential and retries. */
export function createTransport({ credential, timeoutMs, fetch, ...retries }: TransportOptions) {
  const attempt = async (request: Request): Promise<Response> => {
    if (credential !== undefined) request.headers.set('authorization', `Bearer ${await credential()}`)
    const { signal } = request
    const isStream = STREAMS.has(request.headers.get('accept') ?? '')
    return fetch(request.clone(), isStream ? {} : { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
  }

  return async (request: Request): Promise<Response> => {
    const response = await withRetries(request, () => attempt(request), retries)
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      throw unexpectedResponse(response, 'The server redirects, which is not followed with a credential: check apiUrl')
    }
    if (response.ok && response.status !== 204 && !isApiResponse(response)) {
      throw unexpectedResponse(response, 'The response is not from a Daytona Auth server: check apiUrl')
    }
    return response
  }
}

export const NDJSON = 'application/x-ndjson'
export const EVENT_STREAM = 'text/event-stream'

/** Responses that last longer than the timeout of a request. */
const STREAMS: ReadonlySet<string> = new Set([NDJSON, EVENT_STREAM])

const isApiResponse = ({ headers }: Response): boolean =>
  /^(application\/(json|x-ndjson)|text\/event-stream)\b/.test(headers.get('content-type') ?? '')

function unexpectedResponse(response: Response, error: string): DaytonaAuthError {
  // The body is not read, and its errors do not matter.
  response.body?.cancel().catch(() => undefined)
  return new DaytonaAuthError(response, { statusCode: response.status, error })
}
