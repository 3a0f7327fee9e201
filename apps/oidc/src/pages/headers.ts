/**
 * Returns the headers of every HTML page. Scripts, framing and foreign resources are forbidden, and forms go to our
 * origin only.
 *
 * Chromium applies `form-action` to every redirect after a form, on other origins too. So our forms end at a page of
 * ours, from which the browser continues without a form: see `leaveByPage`. `formAction` is for the one page that sends
 * a form to an app, in the response mode `form_post`. `script`: for the pages with passkeys, whose script is a file of
 * ours.
 */
export function pageHeaders(formAction = "'self'", { script = false } = {}): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      ...(script ? ["script-src 'self'"] : []),
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // Other origins get no referrer. Our own does: under `no-referrer` a browser sends `Origin: null` with our forms,
    // so their origin could not be checked.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
  }
}

/**
 * Returns the `form-action` of a page whose form goes to an app. The app may redirect to any origin, and Chromium
 * checks each one. So any https origin is allowed, and http for an app on loopback.
 */
export const formActionTo = (redirectUri: string): string =>
  redirectUri.startsWith('http:') ? 'https: http:' : 'https:'
