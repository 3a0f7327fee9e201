/**
 * A server's address that a credential may be sent to: https, or http that does not leave this machine.
 * @param name how the caller knows it, for the message, which never repeats the address
 * @param allowInsecureHttp for networks that encrypt by themselves
 * @throws TypeError for any other
 */
export function parseServerUrl(name: string, text: string, allowInsecureHttp: boolean): URL {
  if (!URL.canParse(text)) throw new TypeError(`${name} is no URL such as https://auth.example.com`)
  const url = new URL(text)
  if (url.username || url.password) throw new TypeError(`${name} must not have a user name or a password in it`)
  if (url.search || url.hash) throw new TypeError(`${name} must not have a ? or a # in it`)
  const isProtected = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!isProtected && !(url.protocol === 'http:' && allowInsecureHttp)) {
    throw new TypeError(`${name} must be https: (http: on this machine only, or with allowInsecureHttp)`)
  }
  return url
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
