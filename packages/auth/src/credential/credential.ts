import type { IncomingMessage } from 'node:http'

const SCHEME = 'Bearer '
const DPOP_SCHEME = 'dpop '
const AUTHORIZATION = 'authorization'
const SPACE = 32

/**
 * Returns the bearer credential of a request (RFC 6750 section 2.1; the scheme in any case, RFC 9110 section 11.1).
 *
 * `undefined`: no credential, because there is no header, another scheme, or nothing after the scheme. The empty string:
 * several `Authorization` headers, which are refused. Node keeps the first of them, while a proxy in front may have checked
 * the last.
 */
export function bearerOf(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (hasSeveralCredentials(request.rawHeaders)) return ''
  if (!header.startsWith(SCHEME) && header.slice(0, SCHEME.length).toLowerCase() !== 'bearer ') return undefined
  return textFrom(header, SCHEME.length)
}

/**
 * Returns the token of a request that is sent with a proof of its key (RFC 9449 section 7.1). `undefined` and the empty string
 * are as for `bearerOf`.
 */
export function boundTokenOf(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (hasSeveralCredentials(request.rawHeaders)) return ''
  if (header.slice(0, DPOP_SCHEME.length).toLowerCase() !== DPOP_SCHEME) return undefined
  return textFrom(header, DPOP_SCHEME.length)
}

/** Returns the credential of a request, with or without a proof. */
export const credentialOf = (request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined =>
  bearerOf(request) ?? boundTokenOf(request)

function textFrom(header: string, schemeLength: number): string | undefined {
  let start = schemeLength
  while (header.charCodeAt(start) === SPACE) start += 1
  return start === header.length ? undefined : header.slice(start)
}

function hasSeveralCredentials(rawHeaders: readonly string[]): boolean {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    // The length first: it excludes most names at the least cost.
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) seen += 1
  }
  return seen > 1
}

/** Members of a query or body that must not carry a credential: logs, histories and referrers would have it. */
const MISPLACED = ['access_token', 'api_key'] as const

/** Returns the name of the member of a query or body that carries a credential, if any. Does not read its value. */
export function misplacedIn(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined
  for (const name of MISPLACED) if (Object.hasOwn(part, name)) return name
  return undefined
}
