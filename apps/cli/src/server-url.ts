const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether `url` may be asked with a credential in hand: over TLS, or without leaving this machine. */
export const isProtected = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))

export const isLoopbackHttp = (url: URL): boolean => url.protocol === 'http:' && isProtected(url)

/**
 * The address of a server in its one spelling, without a slash at its end.
 * @returns what is wrong with it as `fault`, if something is.
 */
export function parseServerUrl(text: string): { url: string } | { fault: string } {
  if (!URL.canParse(text)) return { fault: 'it is no address such as https://auth.example.com' }
  const url = new URL(text)
  if (url.username || url.password) return { fault: 'it has a user name or a password in it' }
  if (url.search || url.hash) return { fault: 'it has a ? or a # in it' }
  if (!isProtected(url)) return { fault: 'only https keeps credentials secret (http: on this machine only)' }
  return { url: url.href.replace(/\/+$/, '') }
}
