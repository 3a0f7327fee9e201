import createClient, { type Client, defaultPathSerializer } from 'openapi-fetch'
import { DaytonaAuthError } from './error.ts'
import type { paths } from './generated/openapi.ts'
import { SEALED, type TransportOptions, transport } from './transport.ts'

/** The operations by their paths, each with what it is sent with. */
export interface Http {
  /** About one organization, which a header names: with the credential. */
  readonly scoped: Client<paths>
  /** About the caller, or about what the path names: with the credential. */
  readonly plain: Client<paths>
  /** For anybody: without. */
  readonly open: Client<paths>
}

/** What every method takes as its last argument. */
export interface RequestOptions {
  /** Ends the request, or the wait for the next attempt. */
  readonly signal?: AbortSignal | undefined
}

export interface ScopedRequestOptions extends RequestOptions {
  /** The organization that this request is about, instead of the client's. */
  readonly organizationId?: string | undefined
}

export interface HttpOptions extends TransportOptions {
  readonly apiUrl: string
  readonly organizationId: string | undefined
}

const ORGANIZATION_HEADER = 'X-Daytona-Organization-ID'

export function httpFor({ apiUrl, organizationId, ...options }: HttpOptions): Http {
  const authenticated = transport(options)
  const common = { ...SEALED, baseUrl: apiUrl, pathSerializer }
  return {
    scoped: createClient({ ...common, fetch: authenticated, headers: { [ORGANIZATION_HEADER]: organizationId } }),
    plain: createClient({ ...common, fetch: authenticated }),
    open: createClient({ ...common, fetch: transport({ ...options, credential: undefined }) }),
  }
}

/** Options as the client below takes them. */
export function init({ signal, organizationId }: ScopedRequestOptions = {}) {
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

/** What the operation gives. @throws DaytonaAuthError for a refusal */
export async function given<T extends Answer>(answer: Promise<T>): Promise<Extract<T, { data: unknown }>['data']> {
  const { data, error, response } = await answer
  if (!response.ok) throw new DaytonaAuthError(response, error)
  return data
}

/** For operations that give nothing. @throws DaytonaAuthError for a refusal */
export async function done(answer: Promise<Answer>): Promise<void> {
  const { error, response } = await answer
  if (!response.ok) throw new DaytonaAuthError(response, error)
}

/** A name that is a step of the path would make it the path of another operation: `DELETE /organizations/..`. */
function pathSerializer(path: string, parameters: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw new TypeError(`${name} must be a name or an id`)
    }
  }
  return defaultPathSerializer(path, parameters)
}
