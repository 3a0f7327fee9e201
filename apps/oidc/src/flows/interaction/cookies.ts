import { isSecure } from '../../config.ts'

/** Reads the values of a request's cookies with this name, of any path. */
export const readCookies = (header: string | undefined, name: string): readonly string[] =>
  allCookies(header).flatMap(([given, value]) => (given === name ? [value] : []))

/** Lists the names of a request's cookies that begin with `prefix`. */
export const cookieNamesWith = (header: string | undefined, prefix: string): readonly string[] =>
  allCookies(header).flatMap(([name]) => (name.startsWith(prefix) ? [name] : []))

/**
 * Returns the name of a cookie with a path of its own. On http loopback all ports of a host share cookies: there the name
 * contains the product and the port.
 */
export const cookieName = (issuer: string, name: string): string =>
  isSecure(issuer) ? `__Secure-${name}` : `daytona_auth_${new URL(issuer).port || '80'}_${name}`

/** Returns the `Set-Cookie` of a cookie that no script reads. With the age 0 the browser deletes it. */
export const setCookie = (
  issuer: string,
  name: string,
  value: string,
  { path, maxAgeSeconds }: { readonly path: string; readonly maxAgeSeconds: number },
): string =>
  [
    `${name}=${value}`,
    `path=${path}`,
    `max-age=${maxAgeSeconds}`,
    // Also for programs that know no `max-age`.
    ...(maxAgeSeconds === 0 ? ['expires=Thu, 01 Jan 1970 00:00:00 GMT'] : []),
    'httponly',
    'samesite=lax',
    ...(isSecure(issuer) ? ['secure'] : []),
  ].join('; ')

const allCookies = (header = ''): [name: string, value: string][] =>
  header.split(';').flatMap((pair): [string, string][] => {
    const [, name, value = ''] = /^\s*([^=\s]+)=(.*?)\s*$/.exec(pair) ?? []
    return name === undefined ? [] : [[name, value]]
  })
