/**
 * The headers of every HTML page. No script runs, nothing is framed, nothing is loaded from elsewhere.
 *
 * `formTargets` are CSP sources beside our own origin where the redirects after a form may end: Chromium applies
 * `form-action` to the whole redirect chain, so that without the client's origin the sign-in would stop at its door.
 */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      ["form-action 'self'", ...formTargets].join(' '),
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // Other origins learn nothing. Our own does, because under `no-referrer` a browser sends `Origin: null` with our
    // own forms, and the check of where a form comes from would have nothing to go by.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
  }
}

/**
 * The CSP source for a redirect URI. A private-use scheme (`com.example.app:/callback`, RFC 8252 §7.1) has no origin
 * and is named by its scheme; so is an IPv6 loopback address, for which CSP has no notation.
 */
export function formTarget(redirectUri: string): string {
  const { protocol, hostname, origin } = new URL(redirectUri)
  if (protocol !== 'https:' && protocol !== 'http:') return protocol
  return hostname.startsWith('[') ? protocol : origin
}
