/** First segments that do not exist under `/api`: the provider's paths, discovery and health have one place each. */
const NOT_UNDER_API = new Set(['api', 'oauth', '.well-known', 'health'])

/**
 * Removes one `/api` prefix, which stock clients put before every path, and returns the URL to route.
 * Paths in `NOT_UNDER_API` keep the prefix and match no route.
 */
export function stripApiPrefix(url: string): string {
  if (!url.startsWith('/api/')) return url
  const [, first = ''] = /^\/api\/([^/?]*)/.exec(url) ?? []
  return NOT_UNDER_API.has(decodeSegment(first)) ? url : url.slice('/api'.length)
}

/** The router compares decoded segments, so this does too: `%6fauth` is `oauth`. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // the router answers 400 to it
  }
}
