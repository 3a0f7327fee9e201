/** What does not exist under `/api`: the provider's paths, discovery and health have one place each. */
const NOT_UNDER_API = new Set(['api', 'oauth', '.well-known', 'health'])

/**
 * The URL that is routed: stock clients put `/api` before every path, and exactly one such prefix is taken off.
 * What it may not stand before keeps it, and no route has it.
 */
export function stripApiPrefix(url: string): string {
  if (!url.startsWith('/api/')) return url
  const [, first = ''] = /^\/api\/([^/?]*)/.exec(url) ?? []
  return NOT_UNDER_API.has(decoded(first)) ? url : url.slice('/api'.length)
}

/** The router compares decoded segments, so this does too: `%6fauth` is `oauth`. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // the router answers 400 to it
  }
}
