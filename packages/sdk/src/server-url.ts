/**
 * Parses the URL of a server that may receive a credential: https, or http on this machine.
 * @param name name of the option, for the message, which does not quote the URL
 * @param allowInsecureHttp accepts http, for networks that are encrypted otherwise
 * @throws TypeError for other URLs
 */
export function parseServerUrl(name: string, text: string, allowInsecureHttp: boolean): URL {
  if (!URL.canParse(text)) throw new TypeError(`${name} is not a URL such as https://auth.example.com`)
  const url = new URL(text)
  if (url.username || url.password) throw new TypeError(`${name} must not contain a user name or password`)
  if (url.search || url.hash) throw new TypeError(`${name} must not contain a query or fragment`)
  const isProtected = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!isProtected && !(url.protocol === 'http:' && allowInsecureHttp)) {
    throw new TypeError(`${name} must be https: (http is for this machine, or with allowInsecureHttp)`)
  }
  return url
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
