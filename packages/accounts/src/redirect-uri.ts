import { isLoopback } from '@daytona-auth/service'

/**
 * Returns why a text may not be a redirect URI, or `undefined`. Redirect URIs are compared as texts (RFC 9700 section 2.1), so
 * one that a browser would normalize is refused, not corrected.
 */
export function redirectUriProblem(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'must be an absolute URI'
  if (text.includes('#')) return 'must not have a fragment'
  if (text.includes('*')) return 'must not have a wildcard'
  if (url.username !== '' || url.password !== '') return 'must not have a user or password'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'must be https, or http on localhost, 127.0.0.1 or [::1]'
  }
  if (url.href !== text && url.href !== `${text}/`) return 'must be written as browsers write it, in lower case'
  return undefined
}
