import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'
import createClient, { type Client, defaultPathSerializer } from 'openapi-fetch'
import { DaytonaAuthError } from './error.ts'
import type { paths } from './generated/openapi.ts'
import { createTransport, REQUEST_DEFAULTS, type TransportOptions } from './transport.ts'

/** Clients for the operations, by what they send. */
export interface Http {
  /** With the credential and the organization header. */
  readonly scoped: Client<paths>
  /** With the credential, without the organization header. */
  readonly plain: Client<paths>
  /** Without a credential. */
  readonly open: Client<paths>
}

/** Options of every method. */
export interface RequestOptions {
  /** Aborts the request, or the wait for the next attempt. */
  readonly signal?: AbortSignal | undefined
}

export interface ScopedRequestOptions extends RequestOptions {
  /** The organization of this request, instead of the client's. */
  readonly organizationId?: string | undefined
}

export interface HttpOptions extends TransportOptions {
  readonly apiUrl: string
  readonly organizationId: string | undefined
}

export function createHttp({ apiUrl, organizationId, ...options }: HttpOptions): Http {
  const authenticated = createTransport(options)
  const common = { ...REQUEST_DEFAULTS, baseUrl: apiUrl, pathSerializer }
  return {
    scoped: createClient({ ...common, fetch: authenticated, headers: { [ORGANIZATION_HEADER]: organizationId } }),
    plain: createClient({ ...common, fetch: authenticated }),
    open: createClient({ ...common, fetch: createTransport({ ...options, credential: undefined }) }),
  }
}

/** Converts options for openapi-fetch. */
export function toInit({ signal, organizationId }: ScopedRequestOptions = {}) {
  return {
    ...(signal !== undefined && { signal }),
    ...(organizationId !== undefined && { headers: { [ORGANIZATION_HEADER]: organizationId } }),
  }
}

interface Answer {
  readonly data?: unknown
  readonly error?: unknown
  readonly response: Response
}

/** Returns the response's data. @throws DaytonaAuthError for an error response */
export async function unwrap<T extends Answer>(answer: Promise<T>): Promise<Extract<T, { data: unknown }>['data']> {
  const { data, error, response } = await answer
  if (!response.ok) throw new DaytonaAuthError(response, error)
  return data
}

/** Waits for a response without data. @throws DaytonaAuthError for an error response */
export async function unwrapEmpty(answer: Promise<Answer>): Promise<void> {
  const { error, response } = await answer
  if (!response.ok) throw new DaytonaAuthError(response, error)
}

/** Rejects parameters that would change the path, as in `DELETE /organizations/..`. */
function pathSerializer(path: string, parameters: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw new TypeError(`${name} must be a name or an id`)
    }
  }
  return defaultPathSerializer(path, parameters)
}
