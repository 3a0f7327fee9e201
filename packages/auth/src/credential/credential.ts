import type { IncomingMessage } from 'node:http'

const SCHEME = 'Bearer '
const AUTHORIZATION = 'authorization'
const SPACE = 32

/**
 * The bearer credential of a request (RFC 6750 section 2.1; the scheme in any case, RFC 9110 section 11.1).
 *
 * `undefined`: no credential was given: no header, another scheme, nothing behind the scheme. The empty string: something
 * was given that cannot be one. Node keeps the first of several `Authorization` headers and drops the others, while a
 * proxy in front of us may have looked at the last: two are none.
 */
export function bearerOf(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (isGivenTwice(request.rawHeaders)) return ''
  if (!header.startsWith(SCHEME) && header.slice(0, SCHEME.length).toLowerCase() !== 'bearer ') return undefined
  let start = SCHEME.length
  while (header.charCodeAt(start) === SPACE) start += 1
  return start === header.length ? undefined : header.slice(start)
}

function isGivenTwice(rawHeaders: readonly string[]): boolean {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    // The length first: it is all that most names are asked.
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) seen += 1
  }
  return seen > 1
}

/** Where a credential must not stand: it would be in logs, histories and referrers. */
const MISPLACED = ['access_token', 'api_key'] as const

/** The name under which a credential was put into a query or a body, if it was; its value is not looked at. */
export function misplacedIn(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined
  for (const name of MISPLACED) if (Object.hasOwn(part, name)) return name
  return undefined
}
