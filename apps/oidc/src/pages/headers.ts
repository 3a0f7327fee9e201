/**
 * The headers of every HTML page. No script runs, nothing is framed, nothing is loaded from elsewhere, and forms are
 * sent to us only.
 *
 * Chromium applies `form-action` to every redirect that follows a form, on other origins too. So a form of ours ends at
 * a page of ours, from which the browser leaves without a form: see `leaveByPage`. `formAction` is for the one page
 * that must send a form to an app, the response mode `form_post`.
 */
export function pageHeaders(formAction = "'self'"): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      `form-action ${formAction}`,
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
 * The `form-action` of a page whose form is sent to an app's own address. The app may redirect on to any origin, and
 * Chromium checks each: so any https origin is allowed, and http for an app on loopback.
 */
export const formActionTo = (redirectUri: string): string =>
  redirectUri.startsWith('http:') ? 'https: http:' : 'https:'
