import { DaytonaAuthError } from './error.ts'
import { type Retries, withRetries } from './retries.ts'
import type { Credential } from './settings.ts'

export interface TransportOptions extends Retries {
  /** What is presented; `undefined` sends nothing. */
  readonly credential: Credential | undefined
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

/** Whatever the page or the process around us does with requests, these carry what we put in them and are kept nowhere. */
export const SEALED = {
  // A credential goes to the server that it is meant for and no further, on the same origin neither.
  redirect: 'manual',
  credentials: 'omit',
  cache: 'no-store',
  referrerPolicy: 'no-referrer',
} as const

/** Sends requests as `fetch` does, with the credential, and again where that is right. */
export function transport({ credential, timeoutMs, fetch, ...retries }: TransportOptions) {
  const attempt = async (request: Request): Promise<Response> => {
    if (credential !== undefined) request.headers.set('authorization', `Bearer ${await credential()}`)
    const { signal } = request
    const isExport = request.headers.get('accept') === NDJSON
    return fetch(request.clone(), isExport ? {} : { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
  }

  return async (request: Request): Promise<Response> => {
    const response = await withRetries(request, () => attempt(request), retries)
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      throw strange(
        response,
        'The server redirects elsewhere, which is not followed with a credential: is apiUrl right?',
      )
    }
    if (response.ok && response.status !== 204 && !isOurs(response)) {
      throw strange(response, 'What answers there is no Daytona Auth server: is apiUrl right?')
    }
    return response
  }
}

export const NDJSON = 'application/x-ndjson'

const isOurs = ({ headers }: Response): boolean =>
  /^application\/(json|x-ndjson)\b/.test(headers.get('content-type') ?? '')

function strange(response: Response, error: string): DaytonaAuthError {
  // Nobody waits for it any more, and nobody cares how it ends.
  response.body?.cancel().catch(() => undefined)
  return new DaytonaAuthError(response, { statusCode: response.status, error })
}
