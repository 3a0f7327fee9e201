const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Returns whether credentials may be sent to `url`: over TLS, or on this machine. */
export const isProtected = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))

export const isLoopbackHttp = (url: URL): boolean => url.protocol === 'http:' && isProtected(url)

/**
 * Parses and normalizes the URL of a server, without slashes at its end.
 * @returns the `fault` of an invalid one
 */
export function parseServerUrl(text: string): { url: string } | { fault: string } {
  if (!URL.canParse(text)) return { fault: 'it is not a URL such as https://auth.example.com' }
  const url = new URL(text)
  if (url.username || url.password) return { fault: 'it contains a user name or password' }
  if (url.search || url.hash) return { fault: 'it contains a query or fragment' }
  if (!isProtected(url)) return { fault: 'it must use https (http is for this machine only)' }
  return { url: url.href.replace(/\/+$/, '') }
}
