import { isLoopback } from '@daytona-auth/service'

/**
 * Returns why a text may not be a redirect URI of any app, or `undefined`. Redirect URIs are compared as texts (RFC 9700 section
 * 2.1), so one that a browser would normalize is refused, not corrected.
 */
export function redirectUriProblem(text: string): string | undefined {
  if (!isPrivateUseUri(text)) return webUriProblem(text)
  if (!PRIVATE_USE.test(text))
    return 'must have a scheme that is a domain of yours in reverse, such as com.example.app:/callback'
  return partProblem(text, URL.parse(text))
}

/** Returns why a text may not be the URI of a server, or `undefined`. */
export function webUriProblem(text: string): string | undefined {
  const url = URL.parse(text)
  const problem = partProblem(text, url)
  if (url === null || problem !== undefined) return problem
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'must be https, or http on localhost, 127.0.0.1 or [::1]'
  }
  if (url.href !== text && url.href !== `${text}/`) return 'must be written as browsers write it, in lower case'
  return undefined
}

/**
 * Whether a text has a private-use scheme (RFC 8252 §7.1), which a native app can claim. Schemes without a dot have other
 * meanings, such as `javascript:`.
 */
export const isPrivateUseUri = (text: string): boolean => /^[^:/?#]*\.[^:/?#]*:(?!\d)/.test(text)

/** A scheme of at least two labels in lower case, and a path. The first label is that of a top-level domain. */
const PRIVATE_USE = /^[a-z]{2,63}(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+:\/{1,2}[\w.~?=&%:-][\w.~/?=&%:-]*$/

function partProblem(text: string, url: URL | null): string | undefined {
  if (url === null) return 'must be an absolute URI'
  if (text.includes('#')) return 'must not have a fragment'
  if (text.includes('*')) return 'must not have a wildcard'
  if (url.username !== '' || url.password !== '') return 'must not have a user or password'
  return undefined
}
